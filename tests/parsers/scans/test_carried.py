"""A cell that a page break cut has its label again on the next page."""

import pytest

from parsers.cells import Cell
from parsers.scans.carried import carried


def cell(text: str, row: int, column: int) -> Cell:
    return Cell(text=text, row=row, column=column)


@pytest.mark.parametrize(
    ("following", "label"),
    [
        pytest.param("单位推荐意见", "主要情况", id="above the recommendation stands the summary"),
        pytest.param(
            "县区委网信办、县文明办审核意见", "单位推荐意见", id="above the county the recommendation"
        ),
        pytest.param("通信地址", "", id="above other cells nothing goes on"),
    ],
)
def test_the_rest_of_a_cell_is_labelled_by_what_follows(following: str, label: str) -> None:
    table = (cell("", 0, 0), cell("先后获得多项荣誉。", 0, 1), cell(following, 1, 0), cell("同意", 1, 1))
    assert carried([table]) == [(cell(label, 0, 0), *table[1:])]


def test_a_table_that_begins_with_a_label_stays_as_it_is() -> None:
    table = (cell("主办单位", 0, 0), cell("亳州日报社", 0, 1), cell("单位推荐意见", 1, 0))
    assert carried([table]) == [table]
