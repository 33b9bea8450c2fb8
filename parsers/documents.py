"""What one file can turn out to hold: the facts that readers return.

A file is read once in its life into `Facts`: an ordered tuple of parts. A wrong file is a value
(`Unreadable`), never an exception. Everything here survives a round trip through JSON
(`encode`, `decode`), since facts are cached under the digest of the bytes they came from.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

FREE_TEXTS = frozenset({"summary", "recommendation", "county_opinion", "city_opinion"})
WEBSITE_ONLY = frozenset({"icp_number", "license_number"})
FIELDS = (
    "name",
    "identifier",
    "category",
    "category_other",
    "icp_number",
    "license_number",
    "organizer",
    "address",
    "postcode",
    "contact",
    "phone",
    "mobile",
    "email",
    "summary",
    "recommendation",
    "recommendation_date",
    "county_opinion",
    "county_opinion_date",
    "city_opinion",
)


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that never changes after it was read."""


class Box(Fact, frozen=True, kw_only=True):
    """A rectangle on page `page` (from 1), in thousandths of the page's width and height.

    The page is the one a viewer displays (a picture's EXIF turn honoured): a page that lies on its side or
    was photographed aslant is set right for reading, and its boxes lead back to the page as it came.
    """

    page: int
    left: int
    top: int
    right: int
    bottom: int


class Reading(Fact, frozen=True, kw_only=True):
    """One field as read: `value` normalised, `raw` as it stood, `confidence` from 0 to 1.

    A reading of an editable or text document has confidence 1; one of a scan has what the
    recogniser said of its least sure line.
    """

    value: str | None = None
    raw: str = ""
    confidence: float = 1.0
    box: Box | None = None


class Stamp(Fact, frozen=True, kw_only=True):
    """One red seal in a form's cell `cell`: what was read in its ring, and whose it is if that is known."""

    cell: str
    text: str = ""
    matched: str | None = None
    confidence: float = 0.0
    box: Box | None = None


class Seals(Fact, frozen=True, kw_only=True):
    """Red seals counted in each cell that asks for one; None where no picture of the cell exists.

    `grey` says that the picture has no colour at all; `unsure` names the cells in which something may be
    a seal that is not counted: faint, cut, covered, or a copy's grey rim.
    """

    recommendation: int | None = None
    county_opinion: int | None = None
    city_opinion: int | None = None
    grey: bool = False
    unsure: tuple[str, ...] = ()
    stamps: tuple[Stamp, ...] = ()


class Form(Fact, frozen=True, kw_only=True, tag="form"):
    """A 申报表. `readings` holds every key of `FIELDS`; an empty cell is a reading of None.

    `ticked` are the category keys that bear a tick, in the form's order; `category` is set only
    when there is exactly one. `summary_words` is the 字数 of the summary before normalisation.
    `attached_page` says the summary refers to an attached page (见附页). `continues` marks later pages
    (opinions, seals) of a form whose first page is in another file: its fields there are None.
    """

    readings: Mapping[str, Reading]
    ticked: tuple[str, ...] = ()
    kind: str | None = None
    platform: str | None = None
    summary_words: int = 0
    attached_page: bool = False
    scanned: bool = False
    continues: bool = False
    seals: Seals = Seals()

    def value(self, key: str) -> str | None:
        return self.readings[key].value


class Work(Fact, frozen=True, kw_only=True, tag="work"):
    """Text with pictures: its 字数 and how many pictures of the case it shows."""

    words: int
    pictures: int
    text: str = ""


class Qualification(Fact, frozen=True, kw_only=True, tag="qualification"):
    """A certificate of who the unit is. `document` is its printed kind, e.g. 营业执照.

    `recognised` is false for a certificate-like file that is none of the kinds the notice names.
    `valid_from` and `valid_until` are ISO days where printed; `organisation_code` is the nine characters of
    an old 组织机构代码证; `coded` names the fields that its QR code says, `places` where a field stands.
    """

    document: str | None = None
    name: str | None = None
    uscc: str | None = None
    address: str | None = None
    uscc_valid: bool | None = None
    recognised: bool = True
    confidence: float = 1.0
    valid_from: str | None = None
    valid_until: str | None = None
    organisation_code: str | None = None
    coded: tuple[str, ...] = ()
    places: Mapping[str, Box] = msgspec.field(default_factory=dict)


class Honour(Fact, frozen=True, kw_only=True, tag="honour"):
    """A certificate or plaque of an honour received."""

    title: str | None = None
    issuer: str | None = None
    year: int | None = None


class Picture(Fact, frozen=True, kw_only=True, tag="picture"):
    """A picture that is none of the documents above; size in pixels, as displayed."""

    width: int
    height: int


class Clip(Fact, frozen=True, kw_only=True, tag="video"):
    """A video's container and codec names, seconds, and size in pixels after rotation."""

    container: str | None = None
    codec: str | None = None
    duration_s: float | None = None
    width: int | None = None
    height: int | None = None


class Archive(Fact, frozen=True, kw_only=True, tag="archive"):
    """A container whose members are read as files of their own."""

    members: int = 0


class Link(Fact, frozen=True, kw_only=True):
    """A cloud link (超大附件) that came in place of a file; `size` and `expires` as its mail program wrote them."""

    url: str
    name: str = ""
    size: str = ""
    expires: str = ""


class Other(Fact, frozen=True, kw_only=True, tag="other"):
    """A file that was understood and is none of the above, e.g. a spreadsheet, or a `link` to a file.

    `secret` says that a page of the file bears a 密级 mark.
    """

    note: str = ""
    link: Link | None = None
    secret: bool = False


class Why(StrEnum):
    """Why a file could not be read; each is one problem code of the contract."""

    CORRUPT = "corrupt"  # attachment-unreadable
    ENCRYPTED = "encrypted"  # attachment-unreadable
    TIMEOUT = "timeout"  # attachment-unreadable: the file used up its time or memory
    UNSUPPORTED = "unsupported"  # attachment-unsupported
    UNSAFE = "unsafe"  # attachment-unsafe: bomb, path escape, executable, macro document


class Unreadable(Fact, frozen=True, kw_only=True, tag="unreadable"):
    """A file nobody here could read, and why. `note` is for staff, in Chinese."""

    why: Why
    note: str = ""


Part = Form | Qualification | Work | Honour | Picture | Clip | Archive | Other | Unreadable


class Facts(Fact, frozen=True, kw_only=True):
    """Everything one file holds, the part that names its type first; `reader` read it."""

    reader: str
    parts: tuple[Part, ...]

    @property
    def type(self) -> str:
        """Return the contract's type: the first of form, qualification, work, honour present."""
        kinds = [type_of(part) for part in self.parts]
        ranked = ("form", "qualification", "work", "honour")
        return next((kind for kind in ranked if kind in kinds), kinds[0])


def type_of(part: Part) -> str:
    """Return the contract's document type of `part`."""
    return str(part.__struct_config__.tag)


def encode(facts: Facts) -> bytes:
    """Return `facts` as JSON bytes."""
    return _ENCODER.encode(facts)


def decode(data: bytes | str) -> Facts:
    """Return the facts that `encode` wrote; raise `msgspec.ValidationError` on anything else."""
    return _DECODER.decode(data)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Facts)
