import pytest

from intake.identity import account_key, identifies


@pytest.mark.parametrize(
    "written",
    [
        "微信公众号",
        "（微信公众号）",
        "抖音号",
        "官方微博",
        "/",
        "——",
        "无",
        "待定",
        "见附件",
        "账号ID",
        "今日头条",
        "",
    ],
)
def test_what_many_write_alike_identifies_nobody(written: str) -> None:
    assert not identifies(written)
    assert account_key("account", "wechat", written) is None


@pytest.mark.parametrize(
    "written",
    [
        "bztsg123",
        "亳州发布",
        "微信亳州",
        "1234567890",
        "www.bztsg.cn",
        "抖音视界2022",
        "gh_12ab",
        "B站123",
        "x1",
    ],
)
def test_an_id_identifies(written: str) -> None:
    assert identifies(written)
    assert account_key("account", "wechat", written) is not None
