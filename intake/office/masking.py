"""Personal data made unreadable for whoever is not concerned: in groups, and in lists that are published."""

import re

from parsers.identifiers import person_operated

_MOBILE = re.compile(r"(?<!\d)((?:\+?86[- ]?)?1\d{2})\d{4}(\d{4})(?!\d)")
_MAIL = re.compile(r"\b([A-Za-z0-9])[A-Za-z0-9._%+-]*@")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}[- ]?\d{3})\d{4,5}(?!\d)")
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{11}(\d{3}[\dXx])(?![0-9A-Za-z])")
_PERSON = re.compile(r"个人(?:运营|账号|账户|用户)?|本人|[（）()：:\s]+")
LONG_NAME = 3  # characters from which a name keeps its last one too


def masked(text: str) -> str:
    """Return `text` with mobile numbers as 138****1234 and mail addresses as a***@163.com."""
    return _MAIL.sub(r"\1***@", _MOBILE.sub(r"\1****\2", text))


def published(text: str | None) -> str:
    """Return `text` for everybody's eyes: identity numbers and landlines masked too."""
    hidden = _IDENTITY.sub(r"\1***********\2", text or "")
    return _LANDLINE.sub(r"\1****", masked(hidden))


def operator(organizer: str | None) -> str:
    """Return who runs an account, for everybody's eyes: a person as 张*、陈*远, an organisation by its name."""
    if not person_operated(organizer):
        return published(organizer)
    name = _PERSON.sub("", organizer or "")
    if not name:
        return "个人"
    last = name[-1] if len(name) >= LONG_NAME else ""
    return f"{name[0]}{'*' * (len(name) - 1 - len(last))}{last}（个人）"
