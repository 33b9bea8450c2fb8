"""The Chinese words for codes that staff see on the screen; those of letters are in `intake.labels`."""

from storage.model import DocumentType, LetterKind, MailOutcome, State

MAILS = {
    MailOutcome.APPLICATION: "申报",
    MailOutcome.SUPPLEMENT: "补充材料",
    MailOutcome.WITHDRAWAL: "撤回",
    MailOutcome.QUERY: "查询",
    MailOutcome.INQUIRY: "咨询",
    MailOutcome.DUPLICATE: "重复邮件",
    MailOutcome.IGNORED: "不予处理",
    MailOutcome.QUARANTINED: "隔离待查",
}
LETTERS = {
    LetterKind.ACKNOWLEDGEMENT: "回执",
    LetterKind.CORRECTION: "补正通知",
    LetterKind.REJECTION: "不予纳入通知",
    LetterKind.STATUS: "进度答复",
    LetterKind.WITHDRAWAL: "撤回确认",
    LetterKind.INQUIRY: "咨询答复",
    LetterKind.DECISION: "核定通知",
    LetterKind.REMINDER: "提醒",
    LetterKind.RESULT: "结果通知",
}
DOCUMENTS = {
    DocumentType.FORM: "申报表",
    DocumentType.WORK: "工作材料",
    DocumentType.QUALIFICATION: "资质证明",
    DocumentType.HONOUR: "荣誉",
    DocumentType.PICTURE: "图片",
    DocumentType.VIDEO: "视频",
    DocumentType.ARCHIVE: "压缩包",
    DocumentType.OTHER: "其他文件",
    DocumentType.UNREADABLE: "未能读取",
}
COLOURS = {
    State.CORRECTING: "yellow",
    State.REVIEWING: "cyan",
    State.REJECTED: "red",
    State.ACCEPTED: "green",
}
ACTORS = {"system": "程序", "sender": "发信"}
EVENTS = {
    "judged": "审核",
    "letter": "拟信",
    "letter-sent": "寄出",
    "letter-later": "未寄出，稍后再寄",
    "letter-refused": "对方拒收",
    "letter-uncertain": "是否寄到不明",
    "letter-released": "放行信件",
    "letter-dropped": "作废信件",
    "sending-stopped": "被当作垃圾邮件，停止发信",
    "withdrawn": "撤回",
    "accepted": "人工核定齐全",
    "rejected": "人工不予受理",
    "reopened": "重新审核",
    "set": "人工改值",
    "attached": "登记材料",
    "version-unconfirmed": "新版本待确认",
    "version-refused": "不采用来信",
    "place-free": "名额空出",
    "paper": "收到纸质件",
    "bound": "绑定机器人",
    "inquiry": "咨询",
    "quarantined": "隔离待查",
    "put-aside": "收起隔离邮件",
    "retried": "重新处理",
    "restored": "从备份恢复",
}
