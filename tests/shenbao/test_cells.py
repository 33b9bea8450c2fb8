"""Chinese text in the width of the terminal, and nothing in it that would steer the terminal."""

import io

import pytest
from rich import box
from rich.console import Console
from rich.table import Table

from intake.width import width
from shenbao.cells import Chinese


def printed(what: object, columns: int) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=columns).print(what)
    return file.getvalue().splitlines()


def test_lines_hang_below_what_leads_them() -> None:
    assert printed(Chinese("申报材料齐全", lead="1. "), 9) == ["1. 申报材", "   料齐全"]


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_table_fits_its_terminal(columns: int) -> None:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("编号", no_wrap=True)
    table.add_column("说明")
    table.add_row(
        "WM2022-0001", Chinese("按通知规定，“谯城区委网信办”可申报账号3个，此前已有3个账号申报在先。" * 3)
    )
    lines = printed(table, columns)
    assert all(width(line) <= columns for line in lines)
    assert sum("WM2022-0001" in line for line in lines) == 1


def test_nothing_steers_the_terminal() -> None:
    (line,) = printed(Chinese("申\x1b[2J报\x07\ud800[red]表\r"), 40)
    assert line == "申[2J报[red]表"
