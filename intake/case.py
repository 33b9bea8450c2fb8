"""What the rules look at: one application with its material and where it stands among the others."""

from datetime import datetime

import msgspec

from parsers.documents import Facts, Form
from storage.model import Channel, Document, Fields, Kind, Noun, Platform

APART = " ≠ "  # in a reading's `raw`: between the values of a field that two forms fill differently


class Material(Noun, frozen=True, kw_only=True):
    """A document of the application and the facts read in it."""

    document: Document
    facts: Facts


class Rival(Noun, frozen=True, kw_only=True):
    """Another application that holds a place. `later` says that it was received after ours.

    `operator_code` is its valid 统一社会信用代码, `unsure` that what it is compared by was not read surely.
    `alike` names what makes it much like ours: name, operator or identifier.
    """

    receipt: str
    name: str | None
    submitter: str | None
    received_at: datetime
    later: bool = False
    operator_code: str | None = None
    unsure: bool = False
    alike: str = ""


class Standing(Noun, frozen=True, kw_only=True):
    """The others that hold places: on the same quota, of the same account, operator, or only much alike."""

    places: tuple[Rival, ...] = ()
    same_account: tuple[Rival, ...] = ()
    same_operator: tuple[Rival, ...] = ()
    alike: tuple[Rival, ...] = ()


class Unconfirmed(Noun, frozen=True, kw_only=True):
    """A new version that waits for staff, since the application does not know the address it came from."""

    message: int
    sender: str | None
    received_at: datetime


class Case(Noun, frozen=True, kw_only=True):
    """Everything `rules.examine` needs, and nothing it would have to look up.

    `form` is the form that counts (None: none came) and `form_file` the file it stood in. `material`
    is what counts now: what a later version replaced is left out. `received_at` is when the
    application first came in, `changed_at` when the mail under judgement did; `surely` is false when
    the only time known is the clock of a file import. `settled` names fields that staff set by hand,
    `unassigned` files that may belong to another application of the same mail, `unconfirmed` what waits
    beside the application for staff.
    """

    kind: Kind | None
    platform: Platform | None
    channel: Channel
    county: str | None
    submitter: str | None
    fields: Fields
    form: Form | None
    form_file: str | None
    material: tuple[Material, ...]
    received_at: datetime
    changed_at: datetime
    surely: bool = True
    standing: Standing = msgspec.field(default_factory=Standing)
    settled: frozenset[str] = frozenset()
    unassigned: tuple[str, ...] = ()
    unconfirmed: tuple[Unconfirmed, ...] = ()
    channel_conflict: str | None = None
    operator_code: str | None = None
