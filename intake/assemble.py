"""Which files of a mail make which application: forms of one account together, the rest beside its form."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from intake.case import APART
from intake.identity import key_of
from intake.reading import File
from parsers.documents import FIELDS, FREE_TEXTS, Form, Qualification, Reading, Seals, Work
from parsers.identifiers import operator_key
from storage.model import Application, Noun, State

SURE = 0.9
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
    owners = {file.file: _owners(file, groups) for file in files}
    unassigned = tuple(name for name, owner in owners.items() if not owner)
    return tuple(
        _draft(
            group, [file for file in files if index in owners[file.file] or not owners[file.file]], unassigned
        )
        for index, group in enumerate(groups)
    )


def share(files: Sequence[File], whose: Sequence[Application]) -> tuple[tuple[Application, Draft], ...]:
    """Return what of a supplement's files goes to each of the applications it names.

    A file goes where its name or content says, else to the only application that was asked for something;
    where neither tells, to all of them, and a person must say. Who gets nothing stays as it is.
    """
    if len(whose) == 1:
        return ((whose[0], Draft(files=tuple(files))),)
    asked = [one for one in whose if one.state is State.CORRECTING]
    owners = {
        file.file: [one for one in whose if names(file, one)] or (asked if len(asked) == 1 else ())
        for file in files
    }
    drafts = []
    for application in whose:
        mine = [file for file in files if application in owners[file.file] or not owners[file.file]]
        unsure = tuple(file.file for file in mine if not owners[file.file] and file.type != "archive")
        if any(file.type != "archive" for file in mine):
            drafts.append((application, Draft(files=tuple(mine), unassigned=unsure)))
    return tuple(drafts) or tuple((application, Draft(files=tuple(files))) for application in whose)


def names(file: File, application: Application) -> bool:
    """Say whether `file` names an application: its receipt, its account or its organizer."""
    fields = application.fields
    return application.receipt in file.file.upper() or _names(file, fields.name, fields.organizer)


def merge(forms: Sequence[Form]) -> Form:
    """Return one form out of several of the same account: each field from its surest reading.

    Two sure readings that differ leave the field unsure, both of them in `raw`, so that a person is asked.
    """
    if len(forms) == 1:
        return forms[0]
    surest = max(
        forms, key=lambda form: (not form.scanned, sum(r.value is not None for r in form.readings.values()))
    )
    readings = {key: _surest(key, forms) for key in FIELDS}
    return replace(surest, readings=readings, seals=_sealed([form.seals for form in forms]))


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
        return forms[0].readings[key]
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
    for one in filled or stood[:1]:
        group = next((group for group in groups if any(_same(one.form, other.form) for other in group)), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return groups


def _same(one: Form, other: Form) -> bool:
    """Say whether two forms of one mail are of the same account."""
    keys = [key_of(form) for form in (one, other)]
    if same_account(*keys):
        return True
    names = [operator_key(form.value("name")) for form in (one, other)]
    alike = names[0] is not None and names[0] == names[1]
    unsure = None in keys or one.scanned or other.scanned
    return alike and unsure


def _owners(file: File, groups: Sequence[Sequence[Stood]]) -> frozenset[int]:
    """Return the applications `file` surely belongs to: by being a form, by folder, by the names in it."""
    for evidence in (_by_form, _by_folder, _by_names):
        owners = frozenset(index for index, group in enumerate(groups) if evidence(file, group, groups))
        if owners:
            return owners
    return frozenset(range(len(groups))) if file.type == "archive" else frozenset()


def _by_form(file: File, group: Sequence[Stood], _groups: Sequence[Sequence[Stood]]) -> bool:
    return any(stood.file is file for stood in group)


def _by_folder(file: File, group: Sequence[Stood], groups: Sequence[Sequence[Stood]]) -> bool:
    folders = [{stood.file.folder for stood in each} for each in groups]
    here = {stood.file.folder for stood in group}
    alone = all(here.isdisjoint(other) for other in folders if other != here) and folders.count(here) == 1
    return alone and any(folder and (f"{file.file}/").startswith(f"{folder}/") for folder in here)


def _by_names(file: File, group: Sequence[Stood], _groups: Sequence[Sequence[Stood]]) -> bool:
    form = group[0].form
    return _names(file, form.value("name"), form.value("organizer"))


def _names(file: File, *texts: str | None) -> bool:
    """Say whether a file's name or content bears one of the names in `texts`."""
    names = [name for text in texts if (name := operator_key(text))]
    said = [operator_key(part.name) for part in file.facts.parts if isinstance(part, Qualification)]
    written = [operator_key(part.text) or "" for part in file.facts.parts if isinstance(part, Work)]
    title = operator_key(file.file.rpartition("/")[2]) or ""
    return any(name in said or name in title or any(name in text for text in written) for name in names)
