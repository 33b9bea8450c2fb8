"""What recognisers misread, put right where a format or a known name rules it out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.documents import FIELDS
from parsers.lexicon import mend, mend_value


@pytest.mark.parametrize(
    ("key", "read", "value"),
    [
        ("email", "bzwm@l63.com", "bzwm@163.com"),
        ("email", "bzwm@I26.corn", "bzwm@126.com"),
        ("email", "bzwm@qg.com", "bzwm@qq.com"),
        ("email", "bzwm@sina.c0m", "bzwm@sina.com"),
        ("email", "gygeren383@gy.example.c n", "gygeren383@gy.example.cn"),
        ("email", "3l20O47@qq.com", "3120047@qq.com"),
        pytest.param("email", "lilo@qq.com", "lilo@qq.com", id="letters before a known host stay"),
        pytest.param("email", "a@bz.example.cn", "a@bz.example.cn", id="an unknown host stays"),
        pytest.param("email", "no address", "no address", id="what is no address stays as read"),
        ("mobile", "l38OO138000", "13800138000"),
        ("phone", "O558-55l6782", "0558-5516782"),
        pytest.param("phone", "见附页", "见附页", id="words stay"),
        ("postcode", "2368OO", "236800"),
        ("identifier", "www.bz.exam ple.cn", "www.bz.example.cn"),
        pytest.param("identifier", "bzfb gh_1a2b", "bzfb gh_1a2b", id="two ids stay two"),
        ("address", "亳州市人民 路206号 (西侧)", "亳州市人民路206号(西侧)"),
        ("name", "Hello 亳州", "Hello 亳州"),
        ("icp_number", "皖ICP备 19001239号-1", "皖ICP备19001239号-1"),
        ("category_other", "公益 组织", "公益组织"),
        ("recommendation", "情况属实，同意推荐。\n中", "情况属实，同意推荐。"),
        ("county_opinion", "亳\n州\n同意上报。", "同意上报。"),
        pytest.param("county_opinion", "同意", "同意", id="a short opinion stays"),
    ],
)
def test_a_format_rules_out_a_misreading(key: str, read: str, value: str) -> None:
    assert mend_value(key, read) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ("24!5室", "2415室"),
        ("毫州市", "亳州市"),
        ("毫图之声", "亳图之声"),
        ("亳州市谦城区", "亳州市谯城区"),
        ("谦虚谨慎", "谦虚谨慎"),
        ("丝毫不差，毫无疑问", "丝毫不差，毫无疑问"),
        ("真好!", "真好!"),
        ("亞洲", "亚洲"),
        ("健全内谷更核机制", "健全内容审核机制"),
        pytest.param("更核心的价值", "更核心的价值", id="a core stays one"),
        ("情况属实，何意推荐。", "情况属实，同意推荐。"),
        ("信息2，460条，原创1，128条", "信息2,460条，原创1,128条"),
        pytest.param("2022，12月", "2022，12月", id="a comma between two numbers stays wide"),
    ],
)
def test_a_text_is_mended_letter_by_letter(read: str, text: str) -> None:
    assert mend(read) == text


@given(st.sampled_from(sorted(FIELDS)), st.text(alphabet="lIO0o1|! @.163qcomn亳州-\n", max_size=20))
def test_mending_twice_changes_nothing_more(key: str, read: str) -> None:
    once = mend_value(key, read)
    assert mend_value(key, once) == once


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.from_regex(r"0558-[2-8][0-9]{6}", fullmatch=True))
def test_a_number_that_is_right_stays(mobile: str, phone: str) -> None:
    assert (mend_value("mobile", mobile), mend_value("phone", phone)) == (mobile, phone)
    assert mend_value("email", None) is None
