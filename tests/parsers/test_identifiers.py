import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.identifiers import (
    account_key,
    clean_identifier,
    ids,
    is_domain,
    kind_and_platform,
    operator_key,
    person_operated,
    valid_email,
    valid_icp,
    valid_mobile,
    valid_phone,
    valid_postcode,
)

SITE = ("website", None)


@pytest.mark.parametrize(
    ("identifier", "name", "expected", "clean"),
    [
        ("www.bozhou.gov.cn", "亳州网", SITE, "www.bozhou.gov.cn"),
        ("HTTP://WWW.Bozhou.gov.cn:80/a/b?x=1", "x", SITE, "www.bozhou.gov.cn"),
        ("https://bozhou.example.cn", "亳州微信网", SITE, "bozhou.example.cn"),
        ("ｗｗｗ．ｂｚ．ｇｏｖ．ｃｎ", "x", SITE, "www.bz.gov.cn"),
        ("亳州.中国", "x", SITE, "亳州.中国"),
        ("网址：www.x.com", "x", SITE, "www.x.com"),
        ("网站域名：http://www.x.com/", "x", SITE, "www.x.com"),
        ("www.x.com（主站）", "x", SITE, "www.x.com"),
        ("亳州新闻网 www.x.com", "x", SITE, "www.x.com"),
        ("微信号：abc", "亳州发布", ("account", "wechat"), "abc"),
        ("微信公众号ID: gh_1a2b", "x", ("account", "wechat"), "gh_1a2b"),
        ("gh_1a2b3c", "x", ("account", "wechat"), "gh_1a2b3c"),
        ("公众号：亳州发布", "x", ("account", "wechat"), "亳州发布"),
        ("账号ID：微信号：abc", "x", ("account", "wechat"), "abc"),
        ("抖音号 bozhou123", "x", ("account", "douyin"), "bozhou123"),
        ("抖音号bozhou123", "x", ("account", "douyin"), "bozhou123"),
        ("快手号：bz.fabu", "x", ("account", "kuaishou"), "bz.fabu"),
        ("今日头条号：亳州", "x", ("account", "toutiao"), "亳州"),
        ("一点号：88", "x", ("account", "yidian"), "88"),
        ("百家号ID：15", "x", ("account", "baidu"), "15"),
        ("B站UID：33", "x", ("account", "bilibili"), "33"),
        ("UC号：9", "x", ("account", "uc"), "9"),
        ("大鱼号：9", "x", ("account", "uc"), "9"),
        ("小红书号：9", "x", ("account", "other"), "9"),
        ("https://weibo.com/u/123", "x", ("account", "weibo"), "https://weibo.com/u/123"),
        ("space.bilibili.com/33", "x", ("account", "bilibili"), "space.bilibili.com/33"),
        ("bozhoufabu", "“亳州发布”微信公众号", ("account", "wechat"), "bozhoufabu"),
        ("123456", "亳州发布（抖音号）", ("account", "douyin"), "123456"),
        ("bz.fabu", "亳州抖音号", ("account", "douyin"), "bz.fabu"),
        ("bozhou@163.com", "亳州头条号", ("account", "toutiao"), "bozhou@163.com"),
        ("bozhoufabu", "亳州发布", ("account", None), "bozhoufabu"),
        ("bztsg123（微信）", "x", ("account", "wechat"), "bztsg123"),
        ("bztsg123【官方抖音号】", "x", ("account", "douyin"), "bztsg123"),
        ("bztsg123 微信公众号", "x", ("account", "wechat"), "bztsg123"),
        ("微博@亳州发布", "x", ("account", "weibo"), "@亳州发布"),
        ("微博@亳州发布，微信bzfb", "x", ("account", "weibo"), "微博@亳州发布,微信bzfb"),
        ("www。bozhou。gov。cn", "x", SITE, "www.bozhou.gov.cn"),
    ],
)
def test_an_identifier_tells_what_it_is(
    identifier: str, name: str, expected: tuple[str, str | None], clean: str
) -> None:
    assert kind_and_platform(identifier, name) == expected
    assert clean_identifier(identifier, expected[0]) == clean


def test_without_an_identifier_only_a_name_that_says_so_makes_an_account() -> None:
    assert kind_and_platform(None, "亳州微信公众号") == ("account", "wechat")
    assert kind_and_platform(" ", "亳州网") == (None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("www.bz.gov.cn", "http://BZ.gov.cn/", id="www, scheme and case"),
        pytest.param("亳州.cn", "xn--8lqr38a.cn", id="punycode"),
        pytest.param("ｂｚ．ｃｎ", "bz.cn", id="full width"),
    ],
)
def test_the_same_site_has_one_key(one: str, other: str) -> None:
    assert account_key("website", None, one) == account_key("website", None, other)


@pytest.mark.parametrize(
    ("platform", "one", "other"),
    [
        pytest.param("wechat", "微信号：BZfb", "bzfb", id="label and case"),
        pytest.param("weibo", "https://weibo.com/u/123?from=x", "123", id="address of a page"),
        pytest.param("weibo", "@亳州发布", "亳州发布", id="at sign"),
        pytest.param("bilibili", "https://space.bilibili.com/33/video", "33", id="a page below it"),
        pytest.param("baidu", "baijiahao.baidu.com/u?app_id=15", "15", id="id in the query"),
        pytest.param("wechat", "亳州发布（微信号：bzfb）", "bzfb", id="id in brackets"),
        pytest.param("douyin", "ｂｚ１２", "bz12", id="full width"),
        pytest.param(
            "wechat", "bztsg123（微信）", "微信号：bztsg123", id="the platform behind it in brackets"
        ),
        pytest.param("wechat", "bztsg123【公众号】", "bztsg123", id="in other brackets"),
        pytest.param("wechat", "bztsg123 微信", "bztsg123", id="without brackets"),
        pytest.param("wechat", "公众号“亳州图书馆”（bztsg123）", "bztsg123", id="id behind the name"),
        pytest.param("wechat", "亳州发布，微信号：bzfb", "bzfb", id="name and id"),
        pytest.param("wechat", "微信号bzfb，原始ID gh_0123456789ab", "bzfb", id="id and 原始ID"),
        pytest.param("weibo", "微博@亳州发布，微信bzfb", "亳州发布", id="the first of two"),
        pytest.param(
            "weibo", "https://weibo.com/p/1005051234567890/home", "1234567890", id="a page of weibo"
        ),
        pytest.param("weibo", "https://m.weibo.cn/u/1234567890", "1234567890", id="its mobile page"),
        pytest.param("toutiao", "https://www.toutiao.com/c/user/12345678/#mid=16", "12345678", id="a mark"),
        pytest.param("kuaishou", "快手ID：bz888", "bz888", id="快手"),
        pytest.param("bilibili", "https://m.bilibili.com/space/33", "UID33（B站）", id="UID without a colon"),
    ],
)
def test_the_same_account_has_one_key(platform: str, one: str, other: str) -> None:
    assert account_key("account", platform, one) == account_key("account", platform, other)


@pytest.mark.parametrize(
    "address",
    [
        "mp.weixin.qq.com",
        "https://mp.weixin.qq.com/cgi-bin/home?t=home/index",
        "https://mp.weixin.qq.com/s/AbCdEf",
        "https://weibo.com/",
        "https://weibo.com/login",
        "https://creator.douyin.com/creator-micro/home",
        "https://mp.toutiao.com/profile_v4/graphic",
        "https://baijiahao.baidu.com/builder/rc/home",
        "https://www.douyin.com/user",
    ],
)
def test_where_everybody_logs_in_is_nobodys_account(address: str) -> None:
    assert account_key(*kind_and_platform(address), address) is None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        pytest.param("微博@亳州发布，微信bzfb", 2, id="two platforms"),
        pytest.param("微信：bzfb；抖音：bzfb2", 2, id="two labels"),
        pytest.param("抖音号：123456 快手号：234567", 2, id="a space between"),
        pytest.param("bztsg123/抖音bztsg", 2, id="a stroke between"),
        pytest.param("bztsg123、bztsg456", 2, id="two bare ids"),
        pytest.param("bzfb（微信）、bzfb（抖音）", 2, id="the platform behind each"),
        pytest.param("https://weibo.com/u/123 https://v.douyin.com/x/", 2, id="two pages"),
        pytest.param("微信号bztsg123，原始ID gh_0123456789ab", 1, id="id and 原始ID"),
        pytest.param("bztsg123/亳州图书馆", 1, id="id and name"),
        pytest.param("微信公众号：亳州发布 微信号：bzfb", 1, id="name and id, both labelled"),
        pytest.param("微信号：bzfb，https://mp.weixin.qq.com/s/x", 1, id="id and page"),
        pytest.param("微信号：bztsg 123", 1, id="a space in it"),
        pytest.param("B站UID：123/哔哩哔哩", 1, id="a platform's name"),
        pytest.param("抖音号: bz和谐家园", 1, id="和 in a name"),
    ],
)
def test_how_many_accounts_a_cell_names(written: str, number: int) -> None:
    assert len(ids(written)) == number


def test_accounts_of_two_platforms_differ() -> None:
    assert account_key("account", "wechat", "bz") != account_key("account", "weibo", "bz")
    assert account_key("account", "wechat", None) is None


@given(st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()))
def test_no_identifier_breaks_anything(identifier: str | None, name: str | None) -> None:
    kind, platform = kind_and_platform(identifier, name)
    assert kind in (None, "website", "account")
    assert platform is None or kind == "account"
    assert account_key(kind, platform, identifier) != ""
    if identifier:
        clean_identifier(identifier, kind)


@given(st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]\.(gov\.cn|com|cn|org)", fullmatch=True))
def test_a_domain_is_a_site_however_it_is_written(host: str) -> None:
    written = f"https://{host.upper()}/index.html"
    assert is_domain(host)
    assert kind_and_platform(written) == SITE
    assert clean_identifier(written, "website") == host


@pytest.mark.parametrize("text", ["", "abc", "bozhou", "a b.cn", "http://a.cn", "3.5", "a@b.cn", "abc.fabu"])
def test_what_is_no_domain(text: str) -> None:
    assert not is_domain(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("亳州药香文化有限责任公司", "亳州药香文化有限公司", id="forms of a company"),
        pytest.param("药香（亳州）有限公司", "药香(亳州) 有限公司", id="brackets and space"),
        pytest.param("ＢＺ网络", "bz网络", id="width and case"),
    ],
)
def test_the_same_operator_has_one_key(one: str, other: str) -> None:
    assert operator_key(one) == operator_key(other)


def test_no_name_has_no_key() -> None:
    assert operator_key(None) is operator_key(" （） ") is None


@pytest.mark.parametrize("name", ["张三", "个人", "张三（个人）", "王登科", "欧阳知微", "王一诺 "])
def test_persons(name: str) -> None:
    assert person_operated(name)


@pytest.mark.parametrize(
    "name",
    [
        "亳州日报",
        "团市委",
        "市妇联",
        "市科协",
        "亳州市教育局",
        "某某个人独资企业",
        "",
        None,
        "Tom",
        "涡阳一中学",
    ],
)
def test_no_persons(name: str | None) -> None:
    assert not person_operated(name)


VALID_ICP = [
    "皖ICP备12345678号-1", "皖ICP备2021012345号", "皖 ICP 备 05012345号", "皖Icp备12345678号",
    "皖B2-20090059-4", "皖公网安备 34160202000123号", "京ICP证030173号",
]  # fmt: skip


@pytest.mark.parametrize("text", VALID_ICP)
def test_record_numbers(text: str) -> None:
    assert valid_icp(text)


@pytest.mark.parametrize("text", ["", "12345678", "ICP备12345678号", "皖ICP备123号", "申请中"])
def test_no_record_numbers(text: str) -> None:
    assert not valid_icp(text)


@pytest.mark.parametrize(
    "text",
    ["0558-5556782", "5556782", "（0558）5556782", "05585556782", "0558-5556782转801", "400-123-4567",
     "13800138000", "0558-5556782/13800138000", "+86-0558-5556782"],
)  # fmt: skip
def test_telephone_numbers(text: str) -> None:
    assert valid_phone(text)


@pytest.mark.parametrize("text", ["", "0558-555", "12345", "1380013800", "电话", "0558-5556782/"])
def test_no_telephone_numbers(text: str) -> None:
    assert not valid_phone(text)


def test_mobile_numbers() -> None:
    assert valid_mobile("13800138000")
    assert valid_mobile("+86 138 0013 8000")
    assert valid_mobile("13800138000、13900139000")
    assert not valid_mobile("1380013800")
    assert not valid_mobile("23800138000")
    assert not valid_mobile("0558-5556782")


@pytest.mark.parametrize("text", ["a@b.cn", "ａ＠163.com", "a.b+c@x-y.gov.cn", "x@qq.com；y@163.com"])
def test_mail_addresses(text: str) -> None:
    assert valid_email(text)


@pytest.mark.parametrize("text", ["", "a@b", "a b@c.com", "a@b..com", "@b.com", "a@@b.com", "无"])
def test_no_mail_addresses(text: str) -> None:
    assert not valid_email(text)


def test_postcodes() -> None:
    assert valid_postcode("236800")
    assert valid_postcode("２３６８００")
    assert not valid_postcode("23680")
    assert not valid_postcode("٢٣٦٨٠٠")
