import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from msgspec.structs import replace
from openpyxl import Workbook, load_workbook

from intake import labels
from intake.office import register
from intake.office.export import export
from intake.office.register import to_do
from intake.office.stable_zip import write
from storage import applications
from storage.database import Store, open_store
from storage.model import Application, Channel, Code, Fields, Kind, Platform, State
from tests.bot import made

HEADS = [
    "序号",
    "收件编号",
    "状态",
    "类别",
    "网站平台或账号名称",
    "平台",
    "域名或账号ID",
    "备案号",
    "主办单位",
    "申报途径",
    "县区",
    "负责人",
    "电话",
    "手机",
    "邮箱",
    "收到时间",
    "待办事项",
    "纸质件",
]
HOSTILE = [
    pytest.param('=HYPERLINK("http://evil.example.cn","点我")', id="a formula"),
    pytest.param("+86", id="plus"),
    pytest.param("-1+2", id="minus"),
    pytest.param("@SUM(1,2)", id="at"),
    pytest.param("\t=1+1", id="a tab before the formula"),
    pytest.param("#N/A", id="the name of an error"),
    pytest.param("{=1}", id="an array formula"),
    pytest.param("0558", id="a number with a zero before it"),
    pytest.param("2022-06-01", id="what looks like a date"),
    pytest.param("TRUE", id="what looks like a truth"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        yield opened


def exported(store: Store, *them: Application) -> Workbook:
    made.keep(store, *them)
    return load_workbook(io.BytesIO(export(store, made.CAMPAIGN, now=made.NOW)))


def row(book: Workbook, sheet: str, number: int = 5) -> dict[str, object]:
    return dict(zip(heads(book, sheet), [cell.value for cell in book[sheet][number]], strict=True))


def heads(book: Workbook, sheet: str) -> list[str]:
    """Return the head of each column: the lower one where two rows of them stand."""
    upper, lower = ([cell.value for cell in book[sheet][line]] for line in (3, 4))
    return [str(above if below is None else below) for above, below in zip(upper, lower, strict=True)]


def account(**fields: str) -> Application:
    return made.application(1, "亳州发布", State.ACCEPTED, fields=Fields(**fields))


def test_every_application_stands_on_the_sheet_of_its_kind(store: Store) -> None:
    book = exported(store, *made.office())
    assert [page.title for page in book if page.sheet_state == "visible"] == [
        "账号",
        "网站平台",
        "分县区",
        "谯城区",
        "涡阳县",
        "市直",
        "问题清单",
        "名额",
    ]
    assert heads(book, "账号") == HEADS
    assert [cell.value for cell in book["账号"]["B"][4:]] == [
        f"WM2022-{n:04d}" for n in (1, 2, 3, 4, 5, 6, 7, 9)
    ]
    assert [cell.value for cell in book["网站平台"]["B"][4:]] == ["WM2022-0008"]


def test_an_application_without_a_kind_is_not_lost(store: Store) -> None:
    book = exported(
        store, made.application(1, "缺表", State.CORRECTING, kind=None, platform=None, account_key=None)
    )
    assert row(book, "类型待定")["收件编号"] == "WM2022-0001"


def test_a_row_says_everything_in_the_office_s_words(store: Store) -> None:
    book = exported(store, *made.office())
    assert row(book, "账号") == {
        "序号": 1,
        "收件编号": "WM2022-0001",
        "状态": "电子材料齐全，待核纸质件",
        "类别": "政府、新闻类",
        "网站平台或账号名称": "亳州发布",
        "平台": "微信",
        "域名或账号ID": "bz1",
        "备案号": None,
        "主办单位": "亳州市第1实验单位",
        "申报途径": "市直",
        "县区": None,
        "负责人": "张晓明",
        "电话": "0558-5550000",
        "手机": "13800138000",
        "邮箱": "zhang@example.cn",
        "收到时间": datetime.fromisoformat("2022-05-30T10:00"),
        "待办事项": None,
        "纸质件": datetime.fromisoformat("2022-05-31"),
    }
    site = row(book, "网站平台")
    assert (site["类别"], site["备案号"], site["平台"]) == ("其他（教育）", "皖ICP备12345678号-1", None)
    assert (row(book, "账号", 9)["申报途径"], row(book, "账号", 9)["县区"]) == ("县区", "谯城区")


@pytest.mark.parametrize(
    ("state", "problems", "text"),
    [
        pytest.param(
            State.CORRECTING,
            (made.NO_SEAL, made.FEW_PICTURES, made.NOTE),
            "缺公章（单位推荐意见）；图片不足三张",
            id="a note is no work",
        ),
        pytest.param(
            State.REVIEWING, (made.MISMATCH, made.MISMATCH), "资质与主办单位不一致", id="named once"
        ),
        pytest.param(State.REJECTED, (made.LATE, made.NO_SEAL), "不予受理：逾期", id="why it was rejected"),
        pytest.param(State.ACCEPTED, (made.NO_SEAL,), "", id="staff accepted it as it is"),
        pytest.param(State.WITHDRAWN, (made.NO_SEAL,), "", id="withdrawn"),
    ],
)
def test_what_is_to_do(state: State, problems: tuple[object, ...], text: str) -> None:
    assert to_do(made.application(1, "亳州发布", state, problems=problems)) == text


def test_problems_are_listed_with_their_clause(store: Store) -> None:
    book = exported(store, *made.office())
    heads_, values = ([cell.value for cell in book["问题清单"][line]] for line in (3, 5))
    first = dict(zip(heads_, values, strict=True))
    assert (first["收件编号"], first["性质"], first["问题"], first["栏目或文件"]) == (
        "WM2022-0002",
        "待补正",
        "缺公章",
        "单位推荐意见",
    )
    assert first["依据"] == made.NO_SEAL.clause
    assert book["问题清单"].max_row == 3 + sum(len(one.problems) for one in made.office())


def test_places_name_every_county_and_each_unit(store: Store) -> None:
    rows = [
        [cell.value for cell in line][1:]
        for line in exported(store, *made.office())["名额"].iter_rows(min_row=4)
    ]
    assert rows[:4] == [
        ["县区", "谯城区", "谯城区委网信办", 3, 2, 1, 1],
        ["县区", "涡阳县", "涡阳县委网信办", 3, 1, 2, 1],
        ["县区", "蒙城县", "蒙城县委网信办", 3, 0, 3, 0],
        ["县区", "利辛县", "利辛县委网信办", 3, 0, 3, 0],
    ]
    assert ["市直", None, "亳州市第2实验单位", 1, 1, 0, 1] in rows


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_anything_but_text(store: Store, text: str) -> None:
    book = exported(store, account(name=text, identifier=text, organizer=text, contact=text, phone=text))
    cells = [book["账号"].cell(5, column) for column in (5, 7, 9, 12, 13)]
    assert {(cell.value, cell.data_type) for cell in cells} == {(text, "s")}


def test_the_file_itself_holds_no_formula(store: Store) -> None:
    made.keep(store, account(name="=1+1", phone="=cmd|' /C calc'!A0"))
    with zipfile.ZipFile(io.BytesIO(export(store, made.CAMPAIGN, now=made.NOW))) as package:
        sheets = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 7
    assert not [sheet for sheet in sheets if re.search(rb"<f[ >/]", sheet)]


def test_letters_that_no_workbook_can_hold_are_left_out(store: Store) -> None:
    book = exported(store, account(name="亳州\x00发\x1b[31m布\ufffe"))
    assert row(book, "账号")["网站平台或账号名称"] == "亳州发[31m布"


def test_a_text_longer_than_a_cell_is_cut(store: Store) -> None:
    assert len(str(row(exported(store, account(name="亳" * 40_000)), "账号")["网站平台或账号名称"])) == 32_767


def test_the_same_data_gives_the_same_bytes_on_another_day(store: Store) -> None:
    made.keep(store, *made.office())
    first = export(store, made.CAMPAIGN, now=made.NOW)
    assert export(store, made.CAMPAIGN, now=made.NOW + timedelta(days=3)) == first
    book = load_workbook(io.BytesIO(first))
    assert book.properties.modified == datetime.fromisoformat("2022-05-30T10:00")
    assert str(book["账号"]["A2"].value).endswith("数据截至：2022年5月30日 18:00")


def test_a_change_changes_the_bytes(store: Store) -> None:
    made.keep(store, *made.office())
    first = export(store, made.CAMPAIGN, now=made.NOW)
    applications.mark_paper(store.db, "WM2022-0002", date(2022, 6, 1))
    assert export(store, made.CAMPAIGN, now=made.NOW) != first


def test_an_empty_store_gives_an_empty_table(store: Store) -> None:
    book = exported(store)
    assert book["账号"].max_row == 4
    assert str(book["账号"]["A2"].value).endswith("数据截至：2022年6月1日 00:00")


def test_receipts_past_9999_come_after_it(store: Store) -> None:
    one = made.application(1, "亳州发布", State.ACCEPTED)
    made.keep(
        store, *(replace(one, receipt=f"WM2022-{n}", token=str(n), account_key=str(n)) for n in (10000, 9999))
    )
    book = load_workbook(io.BytesIO(export(store, made.CAMPAIGN, now=made.NOW)))
    assert [cell.value for cell in book["账号"]["B"][4:]] == ["WM2022-9999", "WM2022-10000"]


def test_a_page_is_ready_to_print(store: Store) -> None:
    page = exported(store, *made.office())["账号"]
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert (page.print_title_rows, page.freeze_panes) == ("$3:$4", "C5")


def test_codes_have_names() -> None:
    assert [set(labels.STATES), set(labels.PROBLEMS), set(labels.PLATFORMS)] == [
        set(State),
        set(Code),
        set(Platform),
    ]
    assert [set(labels.KINDS), set(labels.CHANNELS)] == [set(Kind), set(Channel)]
    assert set(labels.FIELDS) == set(Fields.__struct_fields__)


def test_heads_that_belong_together_stand_under_one(store: Store) -> None:
    page = exported(store, *made.office())["账号"]
    merged = {str(one) for one in page.merged_cells.ranges}
    assert {"L3:O3", "D3:H3", "A3:A4", "R3:R4"} <= merged
    assert (page["L3"].value, page["L4"].value, page["A3"].value) == ("联系方式", "负责人", "序号")


def test_yellow_cells_are_those_that_staff_may_change(store: Store) -> None:
    page = exported(store, *made.office())["账号"]
    fills = {
        str(page.cell(3 if page.cell(4, c).value is None else 4, c).value): page.cell(5, c)
        for c in range(1, 19)
    }
    yellow = {head for head, cell in fills.items() if cell.fill.fgColor.rgb == "FFFFF2CC"}
    assert yellow == set(register.YELLOW)


def test_counties_are_counted_and_listed(store: Store) -> None:
    book = exported(store, *made.office())
    rows = [[cell.value for cell in line][1:] for line in book["分县区"].iter_rows(min_row=5)]
    assert rows == [
        ["谯城区", 2, 2, 0, 1, 0, 0, 0, 1, 0],
        ["涡阳县", 1, 1, 0, 0, 1, 0, 0, 0, 0],
        ["蒙城县", 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ["利辛县", 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ["市直", 6, 5, 1, 1, 1, 1, 1, 2, 1],
        ["合计", 9, 8, 1, 2, 2, 1, 1, 3, 1],
    ]
    assert [cell.value for cell in book["谯城区"]["B"][4:]] == ["WM2022-0005", "WM2022-0006"]


@pytest.mark.debian("soffice")
def test_libreoffice_opens_it_and_prints_the_heads_on_every_page(store: Store, tmp_path: Path) -> None:
    many = [
        made.application(n, f"测试账号{n}号", State.CORRECTING, problems=(made.NO_SEAL,))
        for n in range(10, 60)
    ]
    made.keep(store, *many)
    (tmp_path / "table.xlsx").write_bytes(export(store, made.CAMPAIGN, now=made.NOW))
    program = shutil.which("soffice")
    assert program
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    wanted = ["--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "table.xlsx")]
    subprocess.run([program, profile, *wanted], check=True, capture_output=True, timeout=120)
    with pypdfium2.PdfDocument(tmp_path / "table.pdf") as pages:
        texts = [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in pages]
    accounts = [text for text in texts if "测试账号" in text and "待办事项" in text]
    assert len(accounts) >= 2
    assert "###" not in "".join(texts)
    assert f"第1页，共{len(texts)}页" in texts[0]


def test_a_file_is_not_written_over_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "汇总表.xlsx"
    write(path, b"first")
    with pytest.raises(FileExistsError):
        write(path, b"second")
    assert path.read_bytes() == b"first"
    write(path, b"third", force=True)
    assert path.read_bytes() == b"third"
    assert [one.name for one in tmp_path.iterdir()] == ["汇总表.xlsx"]
