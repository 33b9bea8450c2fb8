"""A letter as a mail: headers that no other mail's text can reach, one addressee, UTF-8 plain text with its QR codes."""

import re
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from intake.letters.deep_links import pictures
from intake.mail.robots import LOOP
from intake.rules.wording import clean
from storage.model import Letter, LetterKind

MOST_REFERENCES = 20
_ID = re.compile(r"<[!-;=?-~]{1,240}>")
_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
# RFC 3834: an answer to a mail is auto-replied, a letter without one auto-generated.
_UNASKED = frozenset({LetterKind.DECISION, LetterKind.REMINDER, LetterKind.RESULT})


class _Ids(UnstructuredHeader, BaseHeader):
    """A header of message ids, one a line: the standard one would encode an id longer than a line."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {(policy.linesep + ' ').join(str(self).split())}{policy.linesep}"


_REGISTRY = HeaderRegistry()
for _name in ("message-id", "in-reply-to", "references"):
    _REGISTRY.map_to_type(_name, _Ids)
_POLICY = SMTP.clone(header_factory=_REGISTRY)


def as_mail(letter: Letter, *, sender: str, office: str, at: datetime) -> EmailMessage:
    """Return `letter` as a mail of `office` from `sender`, dated `at`.

    Raise `ValueError` unless it goes to exactly one plain address; ids that are none are left out.
    """
    if len(letter.to) != 1 or not _PLAIN.fullmatch(letter.to[0]):
        raise ValueError(f"letter {letter.id} has no single plain address")
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(display_name=clean(office), addr_spec=sender)
    mail["To"] = Address(addr_spec=letter.to[0])
    mail["Subject"] = clean(letter.subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = letter.message_id
    if letter.in_reply_to and _ID.fullmatch(letter.in_reply_to):
        mail["In-Reply-To"] = letter.in_reply_to
    if references := [each for each in letter.references if _ID.fullmatch(each)][-MOST_REFERENCES:]:
        mail["References"] = " ".join(references)
    mail["Auto-Submitted"] = "auto-generated" if letter.kind in _UNASKED else "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["X-Loop"] = f"{LOOP} {sender}"
    mail.set_content(letter.body, charset="utf-8", cte="base64")
    for name, picture in pictures(letter.body):
        mail.add_attachment(picture, maintype="image", subtype="png", filename=name)
    return mail
