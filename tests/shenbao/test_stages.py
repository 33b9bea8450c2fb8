"""`shenbao stage` from the first 评分表 to the letters, as two people and their reviewers would go."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from storage.database import open_store
from storage.model import State
from tests.bot import made
from tests.build.libreoffice import converted
from tests.shenbao.conftest import Ran, Shenbao

OWN = "亳州市第2实验单位"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with open_store(folder) as store:
        made.keep(store, *(made.application(n, f"账号{n}", State.ACCEPTED) for n in (1, 2, 3)))
        made.keep(store, *made.office()[7:8])
    return folder


def score(path: Path, points: dict[str, int], sheet: str = "初评") -> None:
    """Fill in the same points for all standards of each receipt, where the cells are free."""
    book = load_workbook(path)
    page = book[sheet]
    for row in range(4, page.max_row + 1):
        for column in range(6, 11):
            cell = page.cell(row, column)
            if not cell.protection.locked and (value := points.get(str(page.cell(row, 2).value))) is not None:
                cell.value = value
    book.save(path)


@pytest.fixture
def scored(data: Path, tmp_path: Path, shenbao: Shenbao) -> Path:
    """Return the store with the scores of two reviewers; 李四 is of the second's own unit."""
    names = ("--reviewer", "张三", "--reviewer", f"李四={OWN}")
    assert shenbao("stage", "sheets", tmp_path / "评分", *names, "--data", data).status == 0
    files = [tmp_path / "评分" / f"初评评分表_{name}.xlsx" for name in ("张三", "李四")]
    for file, points in zip(files, ((80, 90, 70, 60), (90, 10, 70, 60)), strict=True):
        score(file, dict(zip((f"WM2022-000{n}" for n in (1, 2, 3, 8)), points, strict=True)))
    ran = shenbao("stage", "scores", *files, "--data", data, "--by", "王芳")
    assert (ran.status, "回避1件" in ran.out, "还缺" in ran.out) == (0, True, False)
    return data


def moved(shenbao: Shenbao, data: Path, *arguments: object) -> Ran:
    return shenbao("stage", "move", *arguments, "--data", data)


def test_the_ranking_leaves_conflicts_out(scored: Path, shenbao: Shenbao) -> None:
    lines = shenbao("stage", "ranking", "--data", scored, "--json").lines
    assert [(one["receipt"], one["place"], one["total"], one["aside"]) for one in lines] == [
        ("WM2022-0002", 1, "90.00", ["李四"]),
        ("WM2022-0001", 2, "85.00", []),
        ("WM2022-0003", 3, "70.00", []),
        ("WM2022-0008", 4, "60.00", []),
    ]


def test_a_wrong_sheet_changes_nothing_and_the_others_are_taken(
    scored: Path, tmp_path: Path, shenbao: Shenbao
) -> None:
    file = tmp_path / "评分" / "初评评分表_张三.xlsx"
    score(file, {"WM2022-0001": 800})
    ran = shenbao("stage", "scores", file, "--data", scored)
    assert ran.status == 1
    assert "F4：“800”不是0至100之间" in ran.out
    assert shenbao("stage", "ranking", "--data", scored, "--json").lines[1]["total"] == "85.00"


def test_scores_read_again_replace_and_are_audited(scored: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    file = tmp_path / "评分" / "初评评分表_张三.xlsx"
    score(file, {"WM2022-0001": 100})
    assert shenbao("stage", "scores", file, "--data", scored).status == 0
    best = shenbao("stage", "ranking", "--data", scored, "--json").lines[0]
    assert (best["receipt"], best["total"]) == ("WM2022-0001", "95.00")
    with open_store(scored) as store:
        rows = store.db.execute("SELECT actor FROM audit WHERE event = 'scores' ORDER BY id").fetchall()
    assert [row[0] for row in rows] == ["王芳", "王芳", "staff"]


def test_a_stranger_s_sheet_is_refused(scored: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    assert shenbao("stage", "dismiss", "李四", "--data", scored).status == 0
    ran = shenbao("stage", "scores", tmp_path / "评分" / "初评评分表_李四.xlsx", "--data", scored)
    assert (ran.status, "“李四”不是初评的评委" in ran.out) == (1, True)
    lines = shenbao("stage", "ranking", "--data", scored, "--json").lines
    assert {one["receipt"]: one["total"] for one in lines}["WM2022-0001"] == "80.00"


def test_sheets_are_not_written_over(scored: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    again = shenbao("stage", "sheets", tmp_path / "评分", "--data", scored)
    assert (again.status, "文件已存在" in again.err) == (2, True)
    assert shenbao("stage", "sheets", tmp_path / "评分", "--data", scored, "--force").status == 0


def test_a_move_is_shown_before_it_is_done(scored: Path, shenbao: Shenbao) -> None:
    shown = moved(shenbao, scored, "shortlisted", "--top", 2)
    assert "WM2022-0002 账号2：电子材料齐全，待核纸质件 → 入选" in shown.out
    assert "什么都没有改" in shown.out
    assert len(shenbao("list", "--state", "accepted", "--data", scored, "--json").lines) == 4
    assert moved(shenbao, scored, "shortlisted", "--top", 2, "--apply").status == 0
    shortlisted = shenbao("list", "--state", "shortlisted", "--data", scored, "--json").fits("list")
    assert [one["receipt"] for one in shortlisted] == ["WM2022-0001", "WM2022-0002"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(["awarded", "WM2022-0001", "--apply"], 1, "只能转为“入选”、“未入选”", id="too far"),
        pytest.param(["shortlisted", "WM2022-0099"], 1, "WM2022-0099", id="no such receipt"),
        pytest.param(["shortlisted"], 2, "三者取一", id="nobody"),
        pytest.param(["shortlisted", "WM2022-0001", "--top", "1"], 2, "三者取一", id="both ways"),
        pytest.param(["eliminated", "--top", "1"], 1, "可以按名次取", id="the best are not eliminated"),
        pytest.param(["reviewing", "WM2022-0001"], 2, "reviewing", id="no stage"),
    ],
)
def test_wrong_moves(data: Path, shenbao: Shenbao, arguments: list[str], status: int, said: str) -> None:
    ran = moved(shenbao, data, *arguments)
    assert (ran.status, said in ran.err) == (status, True)


def test_the_whole_way_to_lists_and_letters(scored: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    assert moved(shenbao, scored, "shortlisted", "--top", 2, "--kind", "account", "--apply").status == 0
    assert moved(shenbao, scored, "shortlisted", "WM2022-0008", "--apply").status == 0
    assert moved(shenbao, scored, "eliminated", "--from", "accepted", "--apply").status == 0
    assert moved(shenbao, scored, "awarded", "WM2022-0001", "WM2022-0008", "--apply").status == 0
    assert moved(shenbao, scored, "recommended", "WM2022-0008", "--apply").status == 0
    for name, count in (("showcase", 3), ("publicity", 2), ("awarded", 2), ("recommended", 1)):
        ran = shenbao("stage", "list", name, tmp_path / f"{name}.docx", "--data", scored)
        assert f"（{count}个）" in ran.out
        assert shenbao("stage", "list", name, tmp_path / f"{name}.xlsx", "--data", scored).status == 0
    tables = Document(str(tmp_path / "publicity.docx")).tables
    assert [table.rows[1].cells[1].text for table in tables] == ["亳州教育网", "账号1"]
    heads = [cell.value for cell in load_workbook(tmp_path / "recommended.xlsx")["网站平台"][3]]
    assert "手机" in heads
    assert "手机" not in [cell.value for cell in load_workbook(tmp_path / "awarded.xlsx")["网站平台"][3]]
    assert "已拟 1 封草稿" in shenbao("stage", "letters", "eliminated", "--data", scored).out
    (letter,) = shenbao("outbox", "--data", scored, "--json").fits("outbox")
    assert (letter["kind"], letter["state"], letter["receipts"]) == ("result", "draft", ["WM2022-0003"])
    assert shenbao("release", letter["id"], "--data", scored).status == 0
    assert shenbao("outbox", "--data", scored, "--json").lines[0]["state"] == "queued"


def test_a_list_of_nobody_is_not_written(data: Path, tmp_path: Path, shenbao: Shenbao) -> None:
    ran = shenbao("stage", "list", "awarded", tmp_path / "空.docx", "--data", data)
    assert (ran.status, (tmp_path / "空.docx").exists()) == (1, False)


@pytest.mark.debian("soffice", "pdftoppm")
def test_other_programs_open_the_ranking_and_the_lists(
    scored: Path, tmp_path: Path, shenbao: Shenbao
) -> None:
    moved(shenbao, scored, "shortlisted", "WM2022-0001", "WM2022-0008", "--apply")
    assert shenbao("stage", "ranking", tmp_path / "排名.xlsx", "--data", scored).status == 0
    assert shenbao("stage", "list", "showcase", tmp_path / "展播.xlsx", "--data", scored).status == 0
    program = shutil.which("pdftoppm")
    assert program
    for name in ("排名", "展播"):
        pdf = converted((tmp_path / f"{name}.xlsx").read_bytes(), "xlsx", "pdf")
        (tmp_path / "list.pdf").write_bytes(pdf)
        subprocess.run([program, "-r", "60", "-png", "list.pdf", name], cwd=tmp_path, check=True, timeout=60)
        assert len(list(tmp_path.glob(f"{name}-*.png"))) == 2
    book = load_workbook(io.BytesIO((tmp_path / "排名.xlsx").read_bytes()))
    assert [cell.value for cell in book["账号"]["A"][3:]] == ["1", "2", "3"]
