"""What staff are told of one event: under which heading, in which words; pure, from the event and how things stand."""

from collections.abc import Callable, Mapping

import msgspec

from bot import texts
from intake import labels
from intake.width import shorten
from storage.model import Application, Event, LetterState, Outcome, State

FACT_COLUMNS = 48
_KINDS = {kind.value: name for kind, name in labels.LETTERS.items()}


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with the measure word of what is counted under it, if anything is, and what to do about it."""

    title: str
    hint: str = ""
    measure: str = "件"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    topic: Topic
    text: str
    receipt: str | None = None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """The applications as they stand now, by receipt; `full` lets senders, subjects and reasons through."""

    known: Mapping[str, Application] = {}
    full: bool = True


SECRET = Topic(
    title="疑似涉密的邮件", hint="已停止处理，请马上按保密规定处置：shenbao quarantine", measure="封"
)
STOPPED = Topic(title="发信已全部停下", hint="请看 shenbao outbox，改好后放行或作废", measure="")
UNREACHED = Topic(
    title="连不上邮箱", hint="来信不会丢，恢复后自动补收。请检查网络和授权码：shenbao check", measure=""
)
DECIDE = Topic(title="等人核定", hint="发送 /status 收件编号 办理")
LETTERS = Topic(title="有信等人放行", hint="发送 /drafts 查看", measure="封")
QUESTIONS = Topic(
    title="来信待人处理",
    hint="请在邮箱里查看；要采用：shenbao attach 收件编号 --message 来信号",
    measure="封",
)
QUARANTINED = Topic(title="邮件隔离待查", hint="原件都在，请看 shenbao quarantine", measure="封")
RETURNED = Topic(title="信没有送到", hint="请打电话核对邮箱，再看 shenbao outbox", measure="封")
LINKS = Topic(title="附件链接快要失效", hint="请在网页邮箱里下载，再用 shenbao attach 补入", measure="个")
FREE = Topic(title="名额空出", measure="个")
NEW = Topic(title="新申报")
RENEWED = Topic(title="补正和补充材料")
WITHDRAWN = Topic(title="申报单位撤回")
SERVICE = Topic(title="系统情况", hint="详情：shenbao health", measure="")
TOPICS = (
    SECRET, STOPPED, UNREACHED, DECIDE, LETTERS, QUESTIONS, QUARANTINED, RETURNED, LINKS, FREE, NEW, RENEWED,
    WITHDRAWN, SERVICE,
)  # fmt: skip
HELD_FOR = {
    "bounced-before": "这个地址退过信",
    "sender-cap": "当天发给同一地址的信已到上限",
    "inquiry-cap": "只来信、不报材料",
}

Rule = Callable[[Event, View], Line | None]


def _whose(view: View, receipt: str | None, otherwise: str = "") -> str:
    """Return the receipt with the application's name, or what else the event is about."""
    one = view.known.get(receipt or "")
    return f"{receipt} {texts.name_of(one)}" if one else receipt or otherwise


def _mail(event: Event) -> str:
    return f"第{event.message}号来信" if event.message else "一封来信"


def _word(event: Event, key: str) -> str:
    """Return a value of the event as one harmless, short line."""
    return shorten(texts.plain(str(event.detail.get(key) or ""), ""), FACT_COLUMNS)


def _judged(event: Event, view: View) -> Line | None:
    """Tell of what a mail brought, as it stands now: a colleague may have settled it meanwhile."""
    one = view.known.get(event.receipt or "")
    if event.message is None or one is None:  # what staff bring, staff know
        return None
    first = event.detail.get("version") == 1
    if one.state is not State.REVIEWING:
        told = f"{_whose(view, one.receipt)}：{labels.STATES[one.state]}"
        return Line(topic=NEW if first else RENEWED, text=told, receipt=one.receipt)
    why = dict.fromkeys(
        labels.PROBLEMS[problem.code] for problem in one.problems if problem.outcome is Outcome.REVIEW
    )
    what = "新申报" if first else "补充材料"
    return Line(
        topic=DECIDE,
        text=f"{_whose(view, one.receipt)}（{what}）\n　{'、'.join(why)}".rstrip(),
        receipt=one.receipt,
    )


def _withdrawn(event: Event, view: View) -> Line | None:
    if event.message is None:
        return None
    return Line(topic=WITHDRAWN, text=_whose(view, event.receipt), receipt=event.receipt)


def _question(event: Event, view: View) -> Line:
    said = f"：{texts.plain(event.actor)}《{_word(event, 'subject') or '无主题'}》" if view.full else ""
    about = f"（关于{_whose(view, event.receipt)}）" if event.receipt else ""
    return Line(topic=QUESTIONS, text=f"{_mail(event)}{about}{said}", receipt=event.receipt)


def _letter(event: Event, view: View) -> Line | None:
    if event.detail.get("state") not in (LetterState.DRAFT, LetterState.HELD):
        return None
    kind = _KINDS.get(str(event.detail.get("kind")), "信")
    return Line(topic=LETTERS, text=f"{_whose(view, event.receipt)}：{kind}", receipt=event.receipt)


def _held(event: Event, _view: View) -> Line:
    why = HELD_FOR.get(str(event.detail.get("why")), "请核对")
    return Line(topic=LETTERS, text=f"{_mail(event)}的回信：{why}")


def _returned(event: Event, view: View) -> Line:
    whose = _whose(view, event.receipt, f"第{event.detail.get('letter')}号信")
    to = f"：{_word(event, 'to')}" if view.full and event.detail.get("to") else ""
    return Line(topic=RETURNED, text=f"{whose}{to}（{RETURNS[event.event]}）", receipt=event.receipt)


def _put_aside(event: Event, view: View) -> Line:
    why = f"：{_word(event, 'reason')}" if view.full else ""
    return Line(topic=QUARANTINED, text=f"{_mail(event)}{why}")


def _junk(event: Event, view: View) -> Line:
    told = f"：{_word(event, 'sender')}《{_word(event, 'subject') or '无主题'}》" if view.full else ""
    return Line(topic=QUARANTINED, text=f"{_mail(event)}在垃圾邮件文件夹{told}")


def _link(event: Event, view: View) -> Line:
    file = f"：{_word(event, 'file')}，{_word(event, 'expires')}失效" if view.full else ""
    return Line(topic=LINKS, text=f"{_whose(view, event.receipt, _mail(event))}{file}", receipt=event.receipt)


def _free(event: Event, view: View) -> Line:
    left, waiting = event.detail.get("left"), event.detail.get("waiting")
    parts = [_whose(view, event.receipt, "有名额空出")]
    parts += [_word(event, "submitter")] if view.full and event.detail.get("submitter") else []
    parts += [f"现空余{left}个"] if left is not None else []
    names = "、".join(map(str, waiting)) if isinstance(waiting, list) else ""
    parts += [f"可递补：{shorten(names, FACT_COLUMNS)}"] if names else []
    return Line(topic=FREE, text="，".join(parts), receipt=event.receipt)


def _unreached(event: Event, _view: View) -> Line:
    return Line(topic=UNREACHED, text=f"已有十分钟没有连上，上次连上：{_word(event, 'fault')}")


def _says(topic: Topic, text: str, detail: str = "") -> Rule:
    """Return a rule that says `text`, and where all may be told, what the event's `detail` says of it."""

    def rule(event: Event, view: View) -> Line:
        more = _word(event, detail) if detail and view.full else ""
        return Line(topic=topic, text=text.format(mail=_mail(event)) + (f"：{more}" if more else ""))

    return rule


RETURNS = {"bounced": "被退回", "letter-refused": "对方拒收", "letter-uncertain": "是否送达不明"}
RULES: Mapping[str, Rule] = {
    "judged": _judged,
    "withdrawn": _withdrawn,
    "inquiry": _question,
    "version-unconfirmed": _question,
    "letter": _letter,
    "letter-held": _held,
    **dict.fromkeys(RETURNS, _returned),
    "quarantined": _put_aside,
    "junk-mail": _junk,
    "link-expiring": _link,
    "place-free": _free,
    "secret-suspected": _says(SECRET, "{mail}带有密级标志字样"),
    "sending-stopped": _says(STOPPED, "有信被对方服务器当作垃圾邮件"),
    "sending-trouble": _says(SERVICE, "暂时发不出信，正在自动重试", "why"),
    "sending-resumed": _says(SERVICE, "发信已恢复"),
    "mailbox-unreached": _unreached,
    "mailbox-reached": _says(SERVICE, "邮箱已恢复"),
    "mailbox-trouble": _says(SERVICE, "邮箱暂时用不了，正在自动重试", "fault"),
    "mailbox-back": _says(SERVICE, "邮箱已恢复"),
    "mailbox-lacking": _says(SERVICE, "邮箱里有邮件取不下来，请登录网页邮箱查看"),
    "mailbox-complete": _says(SERVICE, "邮箱里的邮件都取到了"),
    "mails-not-moved": _says(SERVICE, "已收下的邮件没有移动，留在原处", "fault"),
    "mails-moved": _says(SERVICE, "邮件移动已恢复"),
    "restored": _says(SERVICE, "数据已从备份恢复，待发的信请逐封核对"),
}
# What ends what: told of together, neither is worth a word.
ENDS = {
    "sending-resumed": "sending-trouble",
    "mailbox-reached": "mailbox-unreached",
    "mailbox-back": "mailbox-trouble",
    "mailbox-complete": "mailbox-lacking",
    "mails-moved": "mails-not-moved",
}
URGENT = frozenset({"secret-suspected", "sending-stopped", "mailbox-unreached"})
