import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.text import count_words, fold, normalise, paragraphs, squash

WIDE = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
LATIN = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param(" \t\n　\u00a0", 0, id="white space of every kind"),
        pytest.param("文明办网", 4, id="each character"),
        pytest.param("你好，世界！", 6, id="punctuation counts"),
        pytest.param("“文明”——网…", 8, id="quotation marks, dashes and dots of Chinese text"),
        pytest.param("3.5", 1, id="ASCII punctuation does not break a run"),
        pytest.param("a-b_c@d.e", 1, id="an address is one"),
        pytest.param("--- !!", 0, id="ASCII punctuation alone"),
        pytest.param("Hello, world", 2, id="two words"),
        pytest.param("用H5和VR做12场", 7, id="runs between characters"),
        pytest.param("２０２２年", 5, id="full-width digits count one each"),
        pytest.param("ＡＢ", 2, id="full-width letters too"),
        pytest.param("𠮷野家㐂", 4, id="beyond the basic plane"),
        pytest.param("\U00031350\U000323af", 2, id="ideographs newer than this Python"),
        pytest.param("カタｶﾅ", 4, id="kana, full and half width"),
        pytest.param("한국", 2, id="hangul"),
        pytest.param("é à ñandú", 3, id="accented letters make words"),
        pytest.param("e\u0301a", 1, id="a combining mark belongs to its letter"),
        pytest.param("привет мир", 2, id="Cyrillic"),
        pytest.param("don’t", 1, id="an apostrophe inside a word"),
        pytest.param("①②√℃", 4, id="signs set in a Chinese font"),
        pytest.param("a\u200bb", 1, id="a zero-width space is nothing"),
        pytest.param("第1\n页", 3, id="a new line"),
    ],
)
def test_words_are_counted_as_word_does(text: str, words: int) -> None:
    assert count_words(text) == words


@given(st.text(), st.text())
def test_texts_apart_add_up(one: str, other: str) -> None:
    assert count_words(f"{one}\n{other}") == count_words(one) + count_words(other)


@given(st.lists(st.one_of(WIDE, LATIN), max_size=30))
def test_pieces_apart_count_one_each(pieces: list[str]) -> None:
    assert count_words(" ".join(pieces)) == len(pieces)


@given(st.text(alphabet=WIDE))
def test_space_never_counts(text: str) -> None:
    assert count_words("　 ".join(text)) == len(text)


@given(LATIN, st.text(string.punctuation, max_size=5), LATIN)
def test_ascii_punctuation_never_breaks_a_run(one: str, marks: str, other: str) -> None:
    assert count_words(one + marks + other) == 1


@given(st.text())
def test_folding_leaves_single_spaces_and_no_edges(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text).split(" ") == fold(text).split() or not fold(text)


@given(st.text())
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert unicodedata.is_normalized("NFKC", once)
    assert normalise(once) == once


def test_squashing_takes_all_space_and_width() -> None:
    assert squash(" 主 办　单\n位：ＩＤ ") == "主办单位:ID"


def test_paragraphs_keep_their_punctuation_and_lose_indents_and_empty_lines() -> None:
    assert paragraphs("　　近年来，\r\n\r\n我们 　 做了\u200b很多。 \n") == "近年来，\n我们 做了很多。"
