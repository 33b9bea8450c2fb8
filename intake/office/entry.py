"""The cells of a workbook that people fill in with Excel, WPS or LibreOffice, and what they filled in."""

import io
import zipfile
from collections.abc import Iterable, Mapping

from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from intake.office.stable_zip import restamp
from parsers.office.ooxml import Package
from parsers.refusal import Refused
from storage.model import Noun

Place = tuple[int, int]
Cells = Mapping[Place, object]
YELLOW = PatternFill("solid", fgColor="FFFFF2CC")
MOST_ROWS, MOST_COLUMNS = 20_000, 60
_PROPERTIES = "docProps/core.xml"


class NotReadable(Exception):
    """The file is no workbook that can be read; the message says why, in Chinese."""


class Blank(Noun, frozen=True, kw_only=True):
    """A cell to fill in: a number from 0 to `most`, or one of `options`."""

    place: Place
    most: int | None = None
    options: tuple[str, ...] = ()


def fillable(data: bytes, sheet: str, blanks: Iterable[Blank], *, note: str) -> bytes:
    """Return the workbook with `note` under the title of `sheet`, whose `blanks` alone can be filled in."""
    book = load_workbook(io.BytesIO(data))
    page: Worksheet = book[sheet]
    page["A2"].value = note
    page["A2"].data_type = "s"
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = page.protection.autoFilter = False
    checks: dict[tuple[int | None, tuple[str, ...]], DataValidation] = {}
    for blank in blanks:
        cell = page.cell(*blank.place)
        cell.fill, cell.protection = YELLOW, Protection(locked=False)
        checks.setdefault((blank.most, blank.options), _check(blank)).add(cell)
    for check in checks.values():
        page.add_data_validation(check)
    return _saved(book, data)


def _check(blank: Blank) -> DataValidation:
    if blank.options:
        check = DataValidation(type="list", formula1=f'"{",".join(blank.options)}"', allow_blank=True)
        check.error = f"请填：{'、'.join(blank.options)}，或留空。"
    else:
        check = DataValidation(
            type="decimal", operator="between", formula1="0", formula2=str(blank.most), allow_blank=True
        )
        check.error = f"请填0到{blank.most}之间的数。"
    check.errorTitle, check.showErrorMessage = "填写有误", True
    return check


def _saved(book: Workbook, data: bytes) -> bytes:
    """Return the bytes of `book`, dated as `data` was and not by the moment of saving."""
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return restamp(out.getvalue(), {_PROPERTIES: package.read(_PROPERTIES)})


def read(data: bytes) -> dict[str, Cells]:
    """Return what stands in the cells of each sheet, from (1, 1), empty ones left out; formulas by their last value.

    Raises NotReadable for what is no xlsx within bounds.
    """
    try:
        Package(data)
        book = load_workbook(io.BytesIO(data), data_only=True)
    except Refused as refused:
        raise NotReadable(f"打不开：{refused.note}。请另存为xlsx后再试。") from refused
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise NotReadable("不是能读的xlsx表格，请用Excel或WPS另存为xlsx后再试。") from error
    return {page.title: _cells(page) for page in book.worksheets}


def _cells(page: Worksheet) -> Cells:
    rows = page.iter_rows(
        max_row=min(page.max_row, MOST_ROWS), max_col=min(page.max_column, MOST_COLUMNS), values_only=True
    )
    return {
        (row, column): value
        for row, values in enumerate(rows, 1)
        for column, value in enumerate(values, 1)
        if value is not None and str(value).strip()
    }


def address(place: Place) -> str:
    """Return how people call a cell: C12."""
    return f"{get_column_letter(place[1])}{place[0]}"
