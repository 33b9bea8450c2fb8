import pytest

from intake.office import masking


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("张三 13800138000", "张三 138****8000", id="a mobile"),
        pytest.param("+8613800138000", "+86138****8000", id="with the country before it"),
        pytest.param("341600197001011234", "341600197001011234", id="a longer number is no mobile"),
        pytest.param("wangxin.ban@example.cn", "w***@example.cn", id="an address"),
        pytest.param("0558-5556782", "0558-5556782", id="an office's telephone"),
    ],
)
def test_contact_data_is_masked(text: str, shown: str) -> None:
    assert masking.masked(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("老陈说13800138000", "老陈说138****8000", id="a mobile in a name"),
        pytest.param("341600197001011234", "341***********1234", id="an identity number"),
        pytest.param("34160019700101123x", "341***********123x", id="an identity number that ends in x"),
        pytest.param("0558-5556782", "0558-555****", id="a landline"),
        pytest.param("www.bz.example.cn", "www.bz.example.cn", id="a domain"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_what_everybody_sees(text: str | None, shown: str) -> None:
    assert masking.published(text) == shown


@pytest.mark.parametrize(
    ("organizer", "shown"),
    [
        pytest.param("陈思", "陈*（个人）", id="two characters"),
        pytest.param("陈思远", "陈*远（个人）", id="three"),
        pytest.param("欧阳思远", "欧**远（个人）", id="four"),
        pytest.param("个人（陈思远）", "陈*远（个人）", id="says that it is a person"),
        pytest.param("个人", "个人", id="no name"),
        pytest.param("亳州市图书馆", "亳州市图书馆", id="an organisation"),
        pytest.param(None, "", id="unknown"),
    ],
)
def test_who_runs_it(organizer: str | None, shown: str) -> None:
    assert masking.operator(organizer) == shown
