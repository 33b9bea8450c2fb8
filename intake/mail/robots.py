"""Which mails must never be answered by a program (RFC 3834 and what robots really send)."""

import re
from collections.abc import Callable

from intake.mail.headers import Headers, media_type, one_address

LOOP = "shenbao"
BULK = frozenset({"bulk", "list", "junk", "auto_reply", "auto-reply"})
SUPPRESSED = frozenset({"all", "autoreply", "oof", "dr", "rn", "nrn"})
REPLIERS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponder")
ADDRESS = re.compile(
    r"(?i)^(?:mailer[-_.]?daemon|postmaster|(?:no|not|do[-_.]?not|donot)[-_.]?reply(?:[-_.+\d].*)?|owner-.+"
    r"|.+-(?:request|owner|bounces?))@"
)
SUBJECT = re.compile(
    r"(?i)^(?:\s|re[:：]|回复[:：]|\[|【)*"
    r"(?:自动回复|自动答复|自動回覆|系统退信|已读(?:回执)?(?=\s*(?:[:：\]】]|$))|退信(?:通知|提醒)"
    r"|automatic reply|auto(?:matic)?[- ]?reply|auto[- ]?response|out of (?:the )?office|undeliverable"
    r"|undelivered mail|delivery status notification|read:)(?=$|[\s:：\]】/—,，.。!！(（-])"
)


def robot(headers: Headers, ours: frozenset[str] = frozenset()) -> str | None:
    """Return an English code of why this mail must not be answered, None where it may be.

    `ours` are our own addresses in lower case.
    """
    for code, test in TESTS:
        if test(headers):
            return code
    sender, _ = one_address(headers, "from")
    return "own-mail" if sender and sender.lower() in ours else None


def _automatic(headers: Headers) -> bool:
    value = re.sub(r"\([^()]*\)", "", headers.text("auto-submitted")).split(";")[0].strip().lower()
    return value not in ("", "no")


def _null_sender(headers: Headers) -> bool:
    return re.sub(rb"\s", b"", headers.raw("return-path")) == b"<>"


def _bulk(headers: Headers) -> bool:
    return any(value.strip().lower() in BULK for value in headers.all("precedence"))


def _list(headers: Headers) -> bool:
    return any(name.startswith("list-") for name in headers.names())


def _suppressed(headers: Headers) -> bool:
    values = ",".join(headers.all("x-auto-response-suppress")).lower()
    return not SUPPRESSED.isdisjoint(value.strip() for value in values.split(","))


def _replier(headers: Headers) -> bool:
    return any(value.strip().lower() not in ("", "no") for name in REPLIERS for value in headers.all(name))


def _loop(headers: Headers) -> bool:
    return any(LOOP in value.lower() for value in headers.all("x-loop"))


def _report(headers: Headers) -> bool:
    return media_type(headers) in (
        "multipart/report",
        "message/delivery-status",
        "message/disposition-notification",
    )


def _address(headers: Headers) -> bool:
    sender, _ = one_address(headers, "from")
    if sender is None:
        return "mailer-daemon" in headers.text("from").lower()
    return ADDRESS.match(sender) is not None


def _subject(headers: Headers) -> bool:
    return SUBJECT.match(headers.text("subject")) is not None


TESTS: tuple[tuple[str, Callable[[Headers], bool]], ...] = (
    ("loop", _loop),
    ("auto-submitted", _automatic),
    ("null-sender", _null_sender),
    ("report", _report),
    ("precedence", _bulk),
    ("list", _list),
    ("auto-response-suppress", _suppressed),
    ("auto-reply", _replier),
    ("robot-address", _address),
    ("subject", _subject),
)
