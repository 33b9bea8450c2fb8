"""Which files of a mail make which application: forms of one account together, the rest beside its form."""

from collections.abc import Iterable, Sequence
from functools import reduce

from msgspec.structs import replace

from intake.case import APART
from intake.identity import key_of
from intake.owners import Claimant, claimant, named_by, owners_of
from intake.reading import File
from intake.rules.finding import SURE
from parsers.documents import FIELDS, FREE_TEXTS, Form, Reading, Seals
from parsers.identifiers import operator_key
from storage.model import Application, Noun, State

OPINIONS = ("recommendation", "county_opinion", "city_opinion")
DATES = frozenset({"recommendation_date", "county_opinion_date"})


class Stood(Noun, frozen=True, kw_only=True):
    """A form and the file it stood in."""

    form: Form
    file: File


class Draft(Noun, frozen=True, kw_only=True):
    """The files of one application in a mail; `unassigned` may be another's, and a person must say."""

    form: Form | None = None
    form_file: str | None = None
    files: tuple[File, ...] = ()
    unassigned: tuple[str, ...] = ()


def assemble(files: Sequence[File]) -> tuple[Draft, ...]:
    """Return one draft for each account a form names, in the order of the files; one without form if none does."""
    groups = _accounts(files)
    if not groups:
        return (Draft(files=tuple(files)),) if files else ()
    if len(groups) == 1:
        return (_draft(groups[0], files, ()),)
    owners = owners_of(files, [_claimant(group) for group in groups])
    unassigned = tuple(name for name, owner in owners.items() if owner == frozenset())
    return tuple(
        _draft(group, [one for one in files if _goes_to(index, owners[one.file])], unassigned)
        for index, group in enumerate(groups)
    )


def _claimant(group: Sequence[Stood]) -> Claimant:
    named = [value for stood in group for key in ("name", "organizer") if (value := stood.form.value(key))]
    return claimant(*dict.fromkeys(named), files=[stood.file.file for stood in group])


def _goes_to(index: int, owner: frozenset[int] | None) -> bool:
    """Say whether a file goes to this application: as its own, or since it may be anybody's."""
    return owner is not None and (not owner or index in owner)


def share(files: Sequence[File], whose: Sequence[Application]) -> tuple[tuple[Application, Draft], ...]:
    """Return what of a supplement's files goes to each of the applications it names.

    A file goes where its name or content says, else to the only application that was asked for something;
    where neither tells, to all of them, and a person must say. Who gets nothing stays as it is.
    """
    if len(whose) == 1:
        return ((whose[0], Draft(files=tuple(files))),)
    asked = frozenset(index for index, one in enumerate(whose) if one.state is State.CORRECTING)
    otherwise = asked if len(asked) == 1 else frozenset()
    found = owners_of(files, [_applicant(one) for one in whose])
    owners = {file: owner if owner is None else owner or otherwise for file, owner in found.items()}
    drafts = []
    for index, application in enumerate(whose):
        mine = [file for file in files if _goes_to(index, owners[file.file])]
        unsure = tuple(file.file for file in mine if not owners[file.file])
        if any(file.type != "archive" for file in mine):
            drafts.append((application, Draft(files=tuple(mine), unassigned=unsure)))
    return tuple(drafts) or tuple((application, Draft(files=tuple(files))) for application in whose)


def names(file: File, application: Application) -> bool:
    """Say whether `file` names an application: its receipt, its account or its organizer."""
    return named_by(file, _applicant(application))


def _applicant(application: Application) -> Claimant:
    fields = application.fields
    return claimant(fields.name, fields.organizer, receipt=application.receipt)


def merge(forms: Sequence[Form]) -> Form:
    """Return one form out of several of the same account: each field from its surest reading.

    Two sure readings that differ leave the field unsure, both of them in `raw`, so that a person is asked.
    Pages that go on with a form add to it what it lacks.
    """
    begun = [form for form in forms if not form.continues]
    if begun and len(begun) < len(forms):
        return reduce(_continued, [form for form in forms if form.continues], merge(begun))
    if len(forms) == 1:
        return forms[0]
    surest = max(
        forms, key=lambda form: (not form.scanned, sum(r.value is not None for r in form.readings.values()))
    )
    readings = {key: _surest(key, forms) for key in FIELDS}
    return replace(surest, readings=readings, seals=_sealed([form.seals for form in forms]))


def _continued(form: Form, rest: Form) -> Form:
    """Return `form` with the fields of its further pages; a summary that runs over the page is joined."""
    readings = {
        key: _joined(form.readings[key], rest.readings[key])
        if key == "summary"
        else _surest(key, (form, rest))
        for key in FIELDS
    }
    return replace(
        form,
        readings=readings,
        summary_words=form.summary_words + rest.summary_words,
        attached_page=form.attached_page or rest.attached_page,
        seals=_sealed([form.seals, rest.seals]),
    )


def _joined(first: Reading, rest: Reading) -> Reading:
    if first.value is None or rest.value is None:
        return rest if first.value is None and rest.value is not None else first
    return replace(
        first,
        value=f"{first.value}\n{rest.value}",
        raw=f"{first.raw}\n{rest.raw}",
        confidence=min(first.confidence, rest.confidence),
    )


def _sealed(every: Sequence[Seals]) -> Seals:
    """Return the seals that several pictures of one form show: each cell as the picture that shows most of it.

    What a grey copy lacks counts for nothing where there is a picture in colour.
    """
    seen = [one for one in every if any(getattr(one, key) is not None for key in OPINIONS)]
    coloured = [one for one in seen if not one.grey] or seen
    best = {key: max(coloured, key=lambda one: _shown(one, key), default=Seals()) for key in OPINIONS}
    return Seals(
        **{key: getattr(one, key) for key, one in best.items()},
        grey=bool(seen) and all(one.grey for one in seen),
        unsure=tuple(key for key in OPINIONS if any(key in one.unsure for one in coloured)),
        stamps=tuple(stamp for key, one in best.items() for stamp in one.stamps if stamp.cell == key),
    )


def _shown(seals: Seals, key: str) -> int:
    count: int | None = getattr(seals, key)
    return -1 if count is None else count


def same_account(one: str | None, other: str | None) -> bool:
    """Say whether two account keys name one account; a platform that was not stated may be any."""
    if one is None or other is None:
        return False
    heads, names = zip(one.split(":", 1), other.split(":", 1), strict=True)
    return one == other or (names[0] == names[1] and "account" in heads and "site" not in heads)


def _draft(group: Sequence[Stood], files: Iterable[File], unassigned: tuple[str, ...]) -> Draft:
    return Draft(
        form=merge([stood.form for stood in group]),
        form_file=group[0].file.file,
        files=tuple(files),
        unassigned=unassigned,
    )


def _surest(key: str, forms: Sequence[Form]) -> Reading:
    readings = [form.readings[key] for form in forms if form.readings[key].value is not None]
    if not readings:
        empty = [form.readings[key] for form in forms]
        return next((reading for reading in empty if reading.box), empty[0])
    best = max(readings, key=lambda reading: reading.confidence)
    sure = {_plain(reading.value) for reading in readings if reading.confidence >= SURE}
    if len(sure) > 1 and key not in FREE_TEXTS | DATES:
        said = dict.fromkeys(reading.value for reading in readings if reading.confidence >= SURE)
        return replace(best, raw=APART.join(filter(None, said)), confidence=0.0)
    return best


def _plain(value: str | None) -> str:
    return "".join(value.split()).casefold() if value else ""


def _accounts(files: Sequence[File]) -> list[list[Stood]]:
    stood = [
        Stood(form=part, file=file) for file in files for part in file.facts.parts if isinstance(part, Form)
    ]
    filled = [one for one in stood if any(reading.value for reading in one.form.readings.values())]
    groups: list[list[Stood]] = []
    begun = [one for one in filled if not one.form.continues]
    for one in begun or filled or stood[:1]:
        group = next((group for group in groups if any(_same(one.form, other.form) for other in group)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    for one in filled if begun else ():
        if one.form.continues:
            min(groups, key=lambda group: _distance(group[0], one, files)).append(one)
    return groups


def _distance(first: Stood, rest: Stood, files: Sequence[File]) -> tuple[bool, bool, bool, int]:
    """Rank how little `first` looks like the first page of `rest`: it lacks these cells, lies in its folder, before it."""
    shown = any(first.form.readings[key].box is not None for key in ("county_opinion", "city_opinion"))
    apart = files.index(rest.file) - files.index(first.file)
    return shown, first.file.folder != rest.file.folder, apart < 0, abs(apart)


def _same(one: Form, other: Form) -> bool:
    """Say whether two forms of one mail are of the same account."""
    keys = [key_of(form) for form in (one, other)]
    if same_account(*keys):
        return True
    names = [operator_key(form.value("name")) for form in (one, other)]
    alike = names[0] is not None and names[0] == names[1]
    unsure = None in keys or one.scanned or other.scanned
    return alike and unsure
