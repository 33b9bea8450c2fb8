import pytest

from intake.identity import account_key, identifies, surely_identifies


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
        "https://mp.weixin.qq.com/",
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


@pytest.mark.parametrize(
    ("kind", "platform", "written", "sure"),
    [
        pytest.param("website", None, "http://www.bz.gov.cn:80/index.html", True, id="a host's first page"),
        pytest.param("website", None, "www.bz.gov.cn/jyj/", False, id="a page of a shared host"),
        pytest.param("website", None, "http://www.bz.gov.cn:8080", False, id="another server of it"),
        pytest.param("account", "wechat", "bztsg123", True, id="an id"),
        pytest.param("account", "weibo", "亳州发布", True, id="a name where names are unique"),
        pytest.param("account", "douyin", "亳州发布", False, id="a name where they are not"),
        pytest.param("account", "wechat", "微信号：13800138000", False, id="somebody's mobile number"),
        pytest.param("account", "toutiao", "bz@163.com", False, id="an address to log in with"),
        pytest.param("account", "weibo", "微博@亳州发布，微信bzfb", False, id="two accounts"),
        pytest.param("account", "wechat", "bz", False, id="two letters"),
    ],
)
def test_what_is_surely_the_same_elsewhere(kind: str, platform: str | None, written: str, sure: bool) -> None:
    assert surely_identifies(kind, platform, written) is sure
