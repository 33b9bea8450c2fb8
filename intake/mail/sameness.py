"""Whether two copies are one mail, where no Message-ID says so: the same words of the same sender at the same second.

A server adds its own fields on the way (Received, Return-Path, what its filter thinks); what the sender wrote is the
same in every copy, to the last byte of its body.
"""

import hashlib

from intake.mail.headers import when
from intake.mail.mime import NotMail, root

WRITTEN = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "date", "subject", "in-reply-to", "references"}
    | {"content-type", "content-transfer-encoding", "content-disposition"}
)


def essence(raw: bytes) -> str | None:
    """Return a digest of what the sender wrote; None where it bears no date, and so might be written twice."""
    try:
        whole = root(raw)
    except NotMail:
        return None
    if when(whole.headers.text("date")) is None:
        return None
    digest = hashlib.sha256()
    for name, value in whole.headers.fields:
        if name in WRITTEN:
            digest.update(name.encode() + b":" + b" ".join(value.split()) + b"\n")
    digest.update(b"\n" + raw[whole.start :].replace(b"\r\n", b"\n").rstrip(b"\n"))
    return digest.hexdigest()
