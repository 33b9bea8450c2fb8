"""Every table and paper that the office hands on, opened by another program; the pictures lie in `artefacts/`."""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from openpyxl import load_workbook
from PIL import Image

from intake.office import folders
from intake.office.blank import blank_form
from intake.office.export import export
from intake.office.filled import fill
from intake.office.owed import owed
from storage import applications
from storage.database import Store, open_store
from tests.bot import made
from tests.intake.office.test_filled import TABLE, template

ARTEFACTS = Path(__file__).parents[3] / "artefacts"


def index(store: Store) -> bytes:
    listed = list(folders.entries(store, applications.every(store.db)))
    return folders.index(listed, made.CAMPAIGN, now=made.NOW)


def own_table(store: Store) -> bytes:
    """Return the office's own table, its columns as wide as an office makes them, filled."""
    book = load_workbook(io.BytesIO(template(TABLE)))
    for column in "ABC":
        book.worksheets[0].column_dimensions[column].width = 28
    out = io.BytesIO()
    book.save(out)
    return fill(store, made.CAMPAIGN, out.getvalue(), now=made.NOW)


MADE: dict[str, Callable[[Store], bytes]] = {
    "汇总表.xlsx": lambda store: export(store, made.CAMPAIGN, now=made.NOW),
    "自备表样.xlsx": own_table,
    "催报表.xlsx": lambda store: owed(store, made.CAMPAIGN, now=made.NOW),
    "材料目录.xlsx": index,
    "空白申报表.docx": lambda _store: blank_form(made.CAMPAIGN),
}
SAYS = {
    "汇总表.xlsx": "申报汇总表",
    "自备表样.xlsx": "WM2022-0001",
    "催报表.xlsx": "谯城区委网信办",
    "材料目录.xlsx": "申报材料目录",
    "空白申报表.docx": "网站平台或账号名称",
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every made file and what LibreOffice shows of it."""
    folder = tmp_path_factory.mktemp("opened")
    with open_store(folder / "data") as store:
        made.keep(store, *made.office())
        for name, make in MADE.items():
            (folder / name).write_bytes(make(store))
    program = shutil.which("soffice")
    assert program
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    wanted = [
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        *(str(folder / name) for name in MADE),
    ]
    subprocess.run([program, profile, *wanted], check=True, capture_output=True, timeout=240)
    return folder


@pytest.mark.debian("soffice", "pdftoppm")
@pytest.mark.parametrize("name", MADE)
def test_another_program_shows_it(opened: Path, name: str) -> None:
    stem = Path(name).stem
    with pypdfium2.PdfDocument(opened / f"{stem}.pdf") as pages:
        text = "".join(page.get_textpage().get_text_bounded() for page in pages)
    assert SAYS[name] in text.replace("\r\n", "")
    assert "###" not in text  # a number that its column is too narrow for
    ARTEFACTS.mkdir(exist_ok=True)
    printer = shutil.which("pdftoppm")
    assert printer
    wanted = ["-png", "-r", "60", "-f", "1", "-l", "1", "-singlefile"]
    subprocess.run([printer, *wanted, opened / f"{stem}.pdf", ARTEFACTS / stem], check=True, timeout=60)
    assert np.asarray(Image.open(ARTEFACTS / f"{stem}.png").convert("L")).min() < 128
