from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from storage import search
from storage.database import open_store
from storage.model import Fields
from tests.storage import made

FIELDS = Fields(
    name="文明亳州·药都㐂𠮷",
    identifier="bz_wenming-2022",
    organizer="谯城区融媒体中心",
    contact="张三",
    phone="0558-5556782",
    mobile="13800138000",
    email="a@example.cn",
    icp_number="皖ICP备12345678号-1",
    summary="只在正文里的内容",
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("谯城", id="two Han characters"),
        pytest.param("谯", id="one"),
        pytest.param("心", id="the last one of a run"),
        pytest.param("谯城区融媒体中心", id="a whole name"),
        pytest.param("㐂𠮷", id="rare characters"),
        pytest.param("亳州 融媒体", id="words from two fields"),
        pytest.param("ＷＭ２０２２－０００１", id="full width"),
        pytest.param("wm2022-0001", id="lower case"),
        pytest.param("1380013", id="the beginning of a mobile number"),
        pytest.param("0558-5556782", id="a phone number as written"),
        pytest.param("05585556782", id="its digits alone"),
        pytest.param("wenming", id="a part of an identifier"),
        pytest.param("备12345678", id="letters beside digits"),
        pytest.param("张三，谯城", id="a comma between"),
        pytest.param("example.cn", id="a mail domain"),
    ],
)
def test_found(db: Database, text: str) -> None:
    made.saved(db, made.application(fields=FIELDS))
    assert search.find(db, text) == ["WM2022-0001"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("城谯", id="the other way round"),
        pytest.param("谯融", id="not neighbours"),
        pytest.param("涡阳", id="another county"),
        pytest.param("谯城 涡阳", id="one word of two"),
        pytest.param("enming", id="not the beginning"),
        pytest.param("正文", id="the summary is not searched"),
        pytest.param("", id="nothing"),
        pytest.param(" ，。！\"'*", id="only punctuation"),
    ],
)
def test_not_found(db: Database, text: str) -> None:
    made.saved(db, made.application(fields=FIELDS))
    assert search.find(db, text) == []


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "谯城 AND",
        "NOT 谯城",
        "grams:谯城",
        "(",
        "*",
        "^a",
        "a NEAR b",
        "{a}",
        "-1",
        "\0",
        "\udcff",
        "谯" * 5000,
        "谯 " * 5000,
    ],
)
def test_no_text_is_an_error(db: Database, text: str) -> None:
    made.saved(db, made.application(fields=FIELDS))
    assert isinstance(search.find(db, text), list)


def test_a_new_version_is_found_by_its_own_words_only(db: Database) -> None:
    made.saved(
        db,
        made.application(fields=Fields(name="旧名称")),
        made.application(version=2, fields=Fields(name="新名称")),
    )
    assert search.find(db, "旧名") == []
    assert search.find(db, "新名") == ["WM2022-0001"]


def test_no_more_than_asked_for(db: Database) -> None:
    made.saved(db, *(made.application(number, fields=FIELDS) for number in range(1, 6)))
    assert len(search.find(db, "谯城", limit=3)) == 3
    assert len(search.find(db, "谯城")) == 5


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("search")
    with open_store(folder) as store:
        made.saved(store.db, made.application())
        yield store.db


WORDS = st.text(alphabet="亳州谯城涡阳蒙利辛㐂𠮷", min_size=1, max_size=12)


@given(text=WORDS, data=st.data())
def test_every_part_of_a_run_of_han_characters_is_found(
    shared: Database, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : data.draw(st.integers(start + 1, len(text)))]
    search.index(shared, "WM2022-0001", [text])
    assert search.find(shared, part) == ["WM2022-0001"]


@given(text=WORDS, other=WORDS)
def test_what_does_not_stand_there_is_not_found(shared: Database, text: str, other: str) -> None:
    search.index(shared, "WM2022-0001", [text])
    assert bool(search.find(shared, other)) == (other in text)


@given(text=st.text(max_size=40))
def test_any_text_can_be_indexed_and_asked_for(shared: Database, text: str) -> None:
    search.index(shared, "WM2022-0001", [text, None])
    assert search.find(shared, text) in ([], ["WM2022-0001"])
