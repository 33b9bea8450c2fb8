import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from msgspec.structs import replace
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from intake.decisions import Desk
from intake.office import importing, register
from intake.office.entry import NotReadable
from intake.office.export import export
from intake.office.importing import Plan
from parsers.containers.archive import Opened
from parsers.documents import Facts
from storage import applications, audit
from storage.database import Store, open_store
from storage.model import Fields, State
from tests.bot import made

Edit = Callable[[Workbook], None]
Table = Callable[..., bytes]
Planned = Callable[..., Plan]


class Nothing:
    """A reader of applications that came without files."""

    def read(self, data: bytes, name: str) -> Future[Facts]:
        raise AssertionError((data, name))

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        raise AssertionError((data, name))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A store of an office, and its 汇总表."""
    folder = tmp_path_factory.mktemp("office") / "data"
    with open_store(folder, patience=5) as opened:
        made.keep(opened, *made.office())
        return folder, export(opened, made.CAMPAIGN, now=made.NOW)


@pytest.fixture
def store(tmp_path: Path, original: tuple[Path, bytes]) -> Iterator[Store]:
    with open_store(Path(shutil.copytree(original[0], tmp_path / "data")), patience=5) as opened:
        yield opened


@pytest.fixture
def table(original: tuple[Path, bytes]) -> Table:
    def edited(*edits: Edit) -> bytes:
        book = load_workbook(io.BytesIO(original[1]))
        for edit in edits:
            edit(book)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    return edited


@pytest.fixture
def planned(store: Store, table: Table) -> Planned:
    return lambda *edits: importing.plan(store, made.CAMPAIGN, table(*edits))


def put(value: object, cell: str, sheet: str = "账号") -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet][cell].value = value

    return edit


def told(plan: Plan) -> list[tuple[str, str, str | None, str | None]]:
    return [(one.receipt, one.field, one.old, one.new) for one in plan.changes]


def desk(store: Store) -> Desk:
    return Desk(store=store, campaign=made.CAMPAIGN, sender="office@example.cn", by="王科长", now=made.NOW)


def test_an_unedited_table_changes_nothing(planned: Planned) -> None:
    assert planned() == Plan()


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        pytest.param(put("药都发布", "E5"), ("name", "亳州发布", "药都发布"), id="a name"),
        pytest.param(
            put("138 0013 8001", "N5"), ("mobile", "13800138000", "13800138001"), id="spaces in a number"
        ),
        pytest.param(
            put(13800138001, "N5"), ("mobile", "13800138000", "13800138001"), id="a number and no text"
        ),
        pytest.param(put(13800138001.0, "N5"), ("mobile", "13800138000", "13800138001"), id="a float"),
        pytest.param(
            put("微信号：bzfb2022", "G5"), ("identifier", "bz1", "bzfb2022"), id="an id with its label"
        ),
        pytest.param(put("商业类", "D5"), ("category", "government_news", "commercial"), id="a category"),
    ],
)
def test_a_yellow_cell_says_what_changes(planned: Planned, edit: Edit, change: tuple[str, str, str]) -> None:
    assert told(planned(edit)) == [("WM2022-0001", *change)]


def test_a_category_with_its_type_is_two_fields(planned: Planned) -> None:
    assert told(planned(put("其他（医疗）", "D5", "网站平台"))) == [
        ("WM2022-0008", "category_other", "教育", "医疗")
    ]
    assert told(planned(put("其他(医疗)", "D5"))) == [
        ("WM2022-0001", "category", "government_news", "other"),
        ("WM2022-0001", "category_other", None, "医疗"),
    ]


@pytest.mark.parametrize(
    ("edit", "cell", "why"),
    [
        pytest.param(put("1380013800", "N5"), "账号!N5", "手机号码应为11位数字", id="a digit too few"),
        pytest.param(put("zhang", "O5"), "账号!O5", "完整的邮箱地址", id="no address"),
        pytest.param(put("公益", "D5"), "账号!D5", "不是类别", id="no category"),
        pytest.param(put("一个网站", "G5", "网站平台"), "网站平台!G5", "域名", id="no domain"),
        pytest.param(put(None, "E5"), "账号!E5", "被清空", id="cleared"),
        pytest.param(put("/", "I5"), "账号!I5", "没有写出内容", id="a stroke"),
        pytest.param(put(made.NOW.replace(tzinfo=None), "M5"), "账号!M5", "不是文字或号码", id="a date"),
        pytest.param(put("WM2022-0777", "B5"), "账号!B5", "没有这个收件编号", id="another receipt"),
    ],
)
def test_a_wrong_value_is_told_with_its_cell(planned: Planned, edit: Edit, cell: str, why: str) -> None:
    plan = planned(edit)
    assert plan.changes == ()
    assert [one.cell for one in plan.wrong] == [cell]
    assert why in plan.wrong[0].why


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(put("电子材料齐全", "C5"), id="the state"),
        pytest.param(put("涡阳县", "K5"), id="the county"),
        pytest.param(put("别的名称", "D5", "谯城区"), id="a county's list"),
        pytest.param(lambda book: book["账号"].delete_rows(6), id="a row taken out"),
    ],
)
def test_nothing_but_yellow_cells_is_read(planned: Planned, edit: Edit) -> None:
    assert planned(edit) == Plan()


def _sorted(book: Workbook) -> None:
    page = book["账号"]
    assert isinstance(page, Worksheet)
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5)]
    for number, values in enumerate(reversed(rows), 5):
        for column, value in enumerate(values, 1):
            page.cell(number, column).value = value


@pytest.mark.parametrize(
    "rearranged",
    [
        pytest.param(_sorted, id="rows in another order"),
        pytest.param(lambda book: book["账号"].insert_cols(4), id="a column of their own"),
    ],
)
def test_staff_may_rearrange_the_table(planned: Planned, rearranged: Edit) -> None:
    def edit(book: Workbook) -> None:
        cells = [cell for row in book["账号"].iter_rows() for cell in row if cell.value == "药都之声"]
        cells[0].value = "药都新声"

    assert told(planned(rearranged, edit)) == [("WM2022-0002", "name", "药都之声", "药都新声")]


def test_what_the_store_changed_meanwhile_is_a_conflict(store: Store, table: Table) -> None:
    data = table(put("药都发布", "E5"))
    one = applications.get(store.db, "WM2022-0001")
    assert one
    with store.transaction() as db:
        changed = replace(one, fields=replace(one.fields, name="亳州发布网"))
        applications.save(db, changed, message=None, documents=())
    plan = importing.plan(store, made.CAMPAIGN, data)
    assert plan.changes == ()
    assert [(one.cell, "库里已改为“亳州发布网”" in one.why) for one in plan.conflicts] == [("账号!E5", True)]


def test_two_rows_of_one_application_must_agree(planned: Planned) -> None:
    plan = planned(put("WM2022-0001", "B6"), put("甲", "E5"), put("乙", "E6"))
    assert {one.cell for one in plan.wrong} >= {"账号!E5", "账号!E6"}
    assert "name" not in {one.field for one in plan.changes}


def test_each_change_is_made_once_and_audited(store: Store, table: Table) -> None:
    data = table(put("药都发布", "E5"), put("13800138001", "N5"))
    plan = importing.plan(store, made.CAMPAIGN, data)
    assert [done for _, done in importing.apply(desk(store), Nothing(), plan.changes)] == [True, True]
    one = applications.get(store.db, "WM2022-0001")
    assert one
    assert (one.fields.name, one.fields.mobile) == ("药都发布", "13800138001")
    lines = [each for each in audit.history(store.db, "WM2022-0001") if each.event == "set"]
    assert [(each.actor, each.detail["field"]) for each in lines] == [
        ("王科长", "name"),
        ("王科长", "mobile"),
    ]
    assert importing.plan(store, made.CAMPAIGN, data) == Plan()


def test_a_change_under_our_hands_is_not_overwritten(store: Store, planned: Planned) -> None:
    plan = planned(put("药都发布", "E5"))
    applications.settle(store.db, "WM2022-0001", "name", "改过", "别人", made.NOW)
    one = made.application(1, "改过", State.ACCEPTED)
    applications.save(store.db, one, message=None, documents=())
    assert [done for _, done in importing.apply(desk(store), Nothing(), plan.changes)] == [False]
    now = applications.get(store.db, "WM2022-0001")
    assert now
    assert now.fields == Fields(**{key: getattr(one.fields, key) for key in one.fields.__struct_fields__})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x03\x04 and nothing", id="torn"),
    ],
)
def test_what_is_no_table_is_told(store: Store, data: bytes) -> None:
    with pytest.raises(NotReadable):
        importing.plan(store, made.CAMPAIGN, data)


def test_a_table_without_its_hidden_sheet_is_not_guessed_at(planned: Planned) -> None:
    with pytest.raises(NotReadable, match=register.BASE):
        planned(lambda book: book.remove(book[register.BASE]))


@pytest.mark.debian("soffice")
def test_a_table_saved_by_another_program_is_read(store: Store, table: Table, tmp_path: Path) -> None:
    (tmp_path / "table.xlsx").write_bytes(table(put("药都发布", "E5")))
    program = shutil.which("soffice")
    assert program
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for kind, name in (("ods", "table.xlsx"), ("xlsx", "table.ods")):  # so that it must write every cell anew
        command = [program, profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path)]
        subprocess.run([*command, str(tmp_path / name)], check=True, capture_output=True, timeout=120)
    plan = importing.plan(store, made.CAMPAIGN, (tmp_path / "table.xlsx").read_bytes())
    assert told(plan) == [("WM2022-0001", "name", "亳州发布", "药都发布")]
    assert (plan.conflicts, plan.wrong) == ((), ())
