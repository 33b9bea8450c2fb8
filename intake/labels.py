"""What the contract's codes are called in front of staff: short Chinese names, one table for each enum."""

from storage.model import Application, Channel, Code, Kind, LetterKind, LetterState, Outcome, Platform, State

STATES = {
    State.CORRECTING: "待补正",
    State.REVIEWING: "待核定",
    State.REJECTED: "不予受理",
    State.ACCEPTED: "电子材料齐全，待核纸质件",
    State.WITHDRAWN: "已撤回",
    State.SHORTLISTED: "入选",
    State.ELIMINATED: "未入选",
    State.AWARDED: "获评",
    State.RECOMMENDED: "推荐省级",
}
OUTCOMES = {
    Outcome.REJECT: "不予受理",
    Outcome.CORRECT: "待补正",
    Outcome.REVIEW: "待核定",
    Outcome.NOTE: "提示",
}
KINDS = {Kind.ACCOUNT: "账号", Kind.WEBSITE: "网站平台"}
CHANNELS = {Channel.DIRECT: "市直", Channel.COUNTY: "县区"}
PLATFORMS = {
    Platform.WECHAT: "微信",
    Platform.WEIBO: "微博",
    Platform.DOUYIN: "抖音",
    Platform.KUAISHOU: "快手",
    Platform.TOUTIAO: "今日头条",
    Platform.YIDIAN: "一点资讯",
    Platform.BAIDU: "百度",
    Platform.BILIBILI: "B站",
    Platform.UC: "UC头条",
    Platform.OTHER: "其他平台",
}
CATEGORIES = {"government_news": "政府、新闻类", "commercial": "商业类", "other": "其他"}
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
LETTER_STATES = {
    LetterState.DRAFT: "草稿",
    LetterState.HELD: "暂存",
    LetterState.QUEUED: "待发",
    LetterState.SENDING: "发送中",
    LetterState.SENT: "已发",
    LetterState.UNCERTAIN: "是否送达不明",
    LetterState.FAILED: "未能送达",
}
FIELDS = {
    "name": "网站平台或账号名称",
    "identifier": "网站平台域名或账号ID",
    "category": "类别",
    "category_other": "“其他”的具体类型",
    "icp_number": "网站备案号",
    "license_number": "网站经营许可证号",
    "organizer": "主办单位",
    "address": "通信地址",
    "postcode": "邮政编码",
    "contact": "负责人（联系人）",
    "phone": "电话",
    "mobile": "手机号码",
    "email": "电子邮箱",
    "summary": "主要情况",
    "recommendation": "单位推荐意见",
    "recommendation_date": "单位推荐意见的日期",
    "county_opinion": "县区审核意见",
    "county_opinion_date": "县区审核意见的日期",
    "city_opinion": "市级意见",
}
PROBLEMS = {
    Code.FORM_MISSING: "缺申报表",
    Code.FIELD_MISSING: "有空栏",
    Code.FIELD_INVALID: "填写有误",
    Code.CATEGORY_UNCLEAR: "类别不明",
    Code.ACCOUNT_HAS_ICP: "账号填了网站栏",
    Code.SUMMARY_TOO_LONG: "主要情况超字数",
    Code.WORK_MISSING: "缺工作材料",
    Code.WORK_TOO_LONG: "工作材料超字数",
    Code.PICTURES_TOO_FEW: "图片不足三张",
    Code.VIDEO_TOO_LONG: "视频超时长",
    Code.VIDEO_FORMAT: "视频不是MP4",
    Code.VIDEO_RESOLUTION: "视频清晰度低",
    Code.QUALIFICATION_MISSING: "缺资质证明",
    Code.QUALIFICATION_UNCLEAR: "资质证明待认定",
    Code.QUALIFICATION_MISMATCH: "资质与主办单位不一致",
    Code.USCC_INVALID: "信用代码校验不符",
    Code.SEAL_MISSING: "缺公章",
    Code.SEAL_UNSEEN: "公章待看纸质件",
    Code.COUNTY_REVIEW_MISSING: "缺县区审核意见",
    Code.ATTACHMENT_UNREADABLE: "附件打不开",
    Code.ATTACHMENT_UNSUPPORTED: "附件格式不支持",
    Code.ATTACHMENT_LINKED: "附件是网盘链接",
    Code.ATTACHMENT_UNSAFE: "附件不安全",
    Code.ATTACHMENT_UNASSIGNED: "附件归属不明",
    Code.LATE: "逾期",
    Code.LATE_SUPPLEMENT: "补充材料逾期",
    Code.READING_UNSURE: "识别结果待核",
    Code.QUOTA_DIRECT: "超单位名额",
    Code.QUOTA_COUNTY: "超县区名额",
    Code.DUPLICATE_ACCOUNT: "账号重复申报",
    Code.DUPLICATE_OPERATOR: "同一主体重复申报",
    Code.DUPLICATE_SUSPECTED: "疑似重复",
    Code.OUT_OF_REGION: "疑似不在本市",
    Code.COUNTY_ROUTE_EXPECTED: "宜经县区申报",
    Code.VERSION_UNCONFIRMED: "新版本待确认",
    Code.CHANNEL_UNCLEAR: "申报途径不明",
}


def kind_of(application: Application) -> str:
    """Return what it is: 网站平台, or 微信账号; nothing where that is not known."""
    if application.kind is None:
        return ""
    platform = PLATFORMS[application.platform] if application.platform else ""
    return f"{platform}{KINDS[application.kind]}"
