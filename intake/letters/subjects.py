"""What names a letter: its subject line and its Message-ID."""

import hashlib
import re
from collections.abc import Mapping, Sequence

from intake.rules.wording import clean
from storage.campaign import Campaign
from storage.model import LetterKind

MOST_RECEIPTS = 5  # in a subject line
SUBJECTS: Mapping[LetterKind, str] = {
    LetterKind.ACKNOWLEDGEMENT: "【收到】{title}申报材料",
    LetterKind.CORRECTION: "【请补正】{title}申报材料",
    LetterKind.REJECTION: "【暂未纳入】{title}申报结果",
    LetterKind.STATUS: "【进度】{title}申报进度",
    LetterKind.WITHDRAWAL: "【已撤回】{title}申报",
    LetterKind.INQUIRY: "【来信收到】{title}",
    LetterKind.DECISION: "【核定结果】{title}申报材料",
    LetterKind.REMINDER: "【提醒】{title}申报材料",
    LetterKind.RESULT: "【推选结果】{title}",
}
# Of several applications one may be in order: the subject must not tell its unit otherwise.
SUBJECT_OF_SEVERAL = "【核对结果】{title}申报材料"


def subject_of(campaign: Campaign, kind: LetterKind, receipts: Sequence[str]) -> str:
    """Return a letter's subject: ours alone, with the receipts that an answer is known by."""
    mixed = kind is LetterKind.REJECTION and len(receipts) > 1
    plain = clean((SUBJECT_OF_SEVERAL if mixed else SUBJECTS[kind]).format(title=campaign.title))
    if not receipts:
        return plain
    more = f"等{len(receipts)}件" if len(receipts) > MOST_RECEIPTS else ""
    return f"{plain}（{'、'.join(receipts[:MOST_RECEIPTS])}{more}）"


def message_id_of(kind: LetterKind, receipts: Sequence[str], cause: str, sender: str) -> str:
    """Return the same id whenever the same letter is made again, so that a resend is recognisable."""
    digest = hashlib.sha256("\0".join((kind, *receipts, cause)).encode()).hexdigest()[:32]
    domain = sender.rpartition("@")[2].lower()
    host = domain if re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", domain) else "shenbao.invalid"
    return f"<{kind}.{digest}@{host}>"
