"""Forms as LibreOffice saves them: the builder's own files, opened and saved again by soffice.

The files cannot be made on every machine and so are committed, the facts beside them as JSON. A form
that is the last element of its document loses its table on the way; ours all end in the printed note.
"""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tests.build import facts, forms
from tests.build.facts import Applicant
from tests.build.forms import Built, Dress
from tests.build.grid import Look
from tests.build.work import Work

# File -> (who applies, how the form is dressed, the ways that soffice saves it, one after another).
FILES: Mapping[str, tuple[Applicant, Dress, tuple[str, ...]]] = {
    "plain.docx": (facts.applicant(0), Dress(), ("docx",)),
    "through-odt.docx": (facts.applicant(1, county="涡阳县"), Dress(), ("odt", "docx")),
    "controls.docx": (facts.applicant(2), Dress(control="run"), ("docx",)),
    "checkbox.docx": (facts.applicant(3), Dress(look=Look(tick="box-check"), tick="checkbox"), ("docx",)),
    "symbol.docx": (facts.applicant(4), Dress(tick="symbol"), ("odt", "docx")),
    "tracked.docx": (facts.applicant(5), Dress(tracked=True), ("docx",)),
    "text-boxes.docx": (facts.applicant(6), Dress(boxed="value"), ("docx",)),
    "joined.docx": (facts.applicant(7, county="利辛县"), Dress(look=Look(joined=True)), ("odt", "docx")),
    "company-site.docx": (
        facts.applicant(8, unit="company", kind="website"),
        Dress(look=Look(wording="spaced"), before="报送材料", after="联系电话：0558-5556782"),
        ("docx",),
    ),
    "with-work.docx": (facts.applicant(9), Dress(work=Work(words=700, pictures=3, seed=9)), ("docx",)),
    "plain.pdf": (facts.applicant(10), Dress(), ("pdf",)),
    "county.pdf": (facts.applicant(11, county="蒙城县", summary_words=900), Dress(), ("pdf",)),
    "society-site.pdf": (
        facts.applicant(12, unit="society", kind="website"),
        Dress(look=Look(tick="box-check", halves="second")),
        ("pdf",),
    ),
}


def expected(name: str) -> bytes:
    """Return the facts of the committed file `name` as JSON, straight from the builder."""
    return facts_of(_made(name))


def facts_of(built: Built) -> bytes:
    """Return everything of `built` but its bytes as readable JSON."""
    shown = {key: getattr(built, key) for key in built.__struct_fields__ if key != "data"}
    return msgspec.json.format(msgspec.json.encode(shown), indent=1) + b"\n"


def _made(name: str) -> Built:
    who, dress, _ways = FILES[name]
    return forms.docx(who, dress, name)


def write(folder: Path) -> None:
    """Write every file of `FILES` with its facts into `folder`, and remove what no longer belongs there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, (_, _, ways) in FILES.items():
        built = _made(name)
        data, suffix = built.data, "docx"
        for way in ways:
            data, suffix = converted(data, suffix, way), way
        (folder / name).write_bytes(data)
        (folder / f"{name}.json").write_bytes(facts_of(built))


def converted(data: bytes, suffix: str, to: str) -> bytes:
    """Return the document `data` as soffice saves it in the format `to`; raise if it does not."""
    with tempfile.TemporaryDirectory() as place:
        source, out = Path(place) / f"document.{suffix}", Path(place) / "out"
        source.write_bytes(data)
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation=file://{place}/profile",
                "--headless",
                "--convert-to",
                to,
                "--outdir",
                str(out),
                str(source),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return (out / f"document.{to}").read_bytes()
