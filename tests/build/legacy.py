"""Forms as LibreOffice saves them in the older formats, with the facts beside them.

A form that is the last element of its document loses its table on the way; ours all end in the printed
note. A .wps is a .doc under another name, as WPS writes it.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.build import facts, forms
from tests.build.facts import Applicant
from tests.build.forms import Dress
from tests.build.grid import Look
from tests.build.libreoffice import converted, facts_of
from tests.build.work import Work

PLAIN = (facts.applicant(20, county="涡阳县"), Dress())
COMPANY = (facts.applicant(21, unit="company", kind="website"), Dress(look=Look(wording="spaced")))
SYMBOL = (facts.applicant(22), Dress(tick="symbol"))
BOXES = (facts.applicant(23, unit="society"), Dress(look=Look(tick="box-check")))
TEXT_BOXES = (facts.applicant(24), Dress(boxed="value"))
NESTED = (facts.applicant(25, county="利辛县"), Dress(nested="whole"))
TRACKED = (facts.applicant(26), Dress(tracked=True))
WITH_WORK = (facts.applicant(27), Dress(work=Work(words=700, pictures=3, seed=27)))
FILES: Mapping[str, tuple[Applicant, Dress]] = {
    "plain.doc": PLAIN,
    "plain.wps": PLAIN,
    "company.doc": COMPANY,
    "symbol.doc": SYMBOL,
    "boxes.doc": BOXES,
    "text-boxes.doc": TEXT_BOXES,
    "nested.doc": NESTED,
    "tracked.doc": TRACKED,
    "with-work.doc": WITH_WORK,
    "plain.rtf": PLAIN,
    "company.rtf": COMPANY,
    "symbol.rtf": SYMBOL,
    "text-boxes.rtf": TEXT_BOXES,
    "nested.rtf": NESTED,
    "tracked.rtf": TRACKED,
    "plain.odt": PLAIN,
    "company.odt": COMPANY,
    "symbol.odt": SYMBOL,
    "boxes.odt": BOXES,
    "text-boxes.odt": TEXT_BOXES,
    "nested.odt": NESTED,
    "tracked.odt": TRACKED,
    "with-work.odt": WITH_WORK,
}
SAVED_AS = {"wps": "doc"}


def expected(name: str) -> bytes:
    """Return the facts of the committed file `name` as JSON, straight from the builder."""
    return facts_of(forms.docx(*FILES[name], name))


def write(folder: Path) -> None:
    """Write every file of `FILES` with its facts into `folder`, and remove what no longer belongs there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, (who, dress) in FILES.items():
        built = forms.docx(who, dress, name)
        suffix = name.rpartition(".")[2]
        (folder / name).write_bytes(converted(built.data, "docx", SAVED_AS.get(suffix, suffix)))
        (folder / f"{name}.json").write_bytes(facts_of(built))
