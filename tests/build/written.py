"""What applicants write into the short cells, in the variety that recognisers stumble over."""

import random

import msgspec

from tests.build import names
from tests.build.facts import Applicant, applicant, with_written

_HOSTS = ("163.com", "126.com", "qq.com", "sina.com", "139.com", "foxmail.com", "ah.gov.cn", "bozhou.gov.cn",
          "189.cn", "yeah.net", "outlook.com", "bzlib.example.cn")  # fmt: skip
_WORDS = ("wanglin", "lili", "bzwm", "zhangxl", "liujie", "office", "xcb", "bzrmt", "lixin_wm", "gyxcb", "ill",
          "oolong", "hello1", "vip", "mm0558", "qcw", "jj", "rnews", "bz.news", "bz-media", "sz_l0", "iO1l")  # fmt: skip
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漕钱汤尹黎易常武乔贺赖龚文"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志文斌宇浩然子涵欣怡梓轩诗琪佳慧晓燕海波庆东玉兰红梅春雨冬雪宏毅博雅睿哲淼鑫垚喆彧翀"
_ROADS = (
    "建安路",
    "药王大道",
    "汤王大道",
    "漆园街道庄周路",
    "城关街道胜利中路",
    "高炉镇人民街",
    "十河镇政府大院内",
)


def varied(rng: random.Random, number: int) -> Applicant:
    """Return an invented applicant whose identifier, numbers and addresses look like no other's."""
    unit = rng.choice(("institution", "institution", "agency", "company", "society", "non-profit", "person"))
    kind = rng.choice(("account", "account", "website"))
    county = rng.choice((None, None, *names.COUNTIES))
    who = applicant(
        number + rng.randrange(400), unit=unit, kind=kind, county=county, summary_words=rng.randrange(70, 200)
    )
    kept = {
        "email": _email(rng),
        "contact": rng.choice(_SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice((1, 2)))),
        "phone": _phone(rng),
        "mobile": _mobile(rng),
        "address": _address(rng, who.fields.address or ""),
    }
    changes = {key: value for key, value in kept.items() if rng.random() < 0.85}
    if who.kind == "account" and rng.random() < 0.6:
        changes["identifier"] = _identifier(rng, who.platform)
    who = applicant_with(who, **changes)
    spoken = (
        (who.fields.mobile or "")[:3]
        + " "
        + (who.fields.mobile or "")[3:7]
        + " "
        + (who.fields.mobile or "")[7:]
    )
    return with_written(who, mobile=spoken) if rng.random() < 0.15 else who


def applicant_with(who: Applicant, **changes: str) -> Applicant:
    """Return `who` with some fields changed, an identifier keeping the label it is written with."""
    label = who.written.get("identifier", "").rpartition("：")[0]
    fields = msgspec.structs.replace(who.fields, **changes)
    written = {"identifier": f"{label}：{fields.identifier}"} if label else {}
    return msgspec.structs.replace(who, fields=fields, written={**who.written, **written})


def _email(rng: random.Random) -> str:
    number = rng.choice(
        ("", "", str(rng.randrange(10)), str(rng.randrange(1970, 2003)), f"_{rng.randrange(99)}")
    )
    if rng.random() < 0.25:
        return f"{rng.randrange(10**8, 4 * 10**9)}@qq.com"
    return f"{rng.choice(_WORDS)}{number}@{rng.choice(_HOSTS)}"


def _identifier(rng: random.Random, platform: str | None) -> str:
    if platform == "wechat":
        code = "".join(rng.choice("0123456789abcdef") for _ in range(12))
        return rng.choice(
            (f"gh_{code}", f"{rng.choice(_WORDS)}_{rng.randrange(99)}", f"bz{rng.choice(_WORDS)}")
        )
    if platform in {"douyin", "kuaishou", "yidian"}:
        return rng.choice((f"{rng.choice(_WORDS)}{rng.randrange(10**4)}", str(rng.randrange(10**8, 10**11))))
    return str(rng.randrange(10**9, 10**10))


def _phone(rng: random.Random) -> str:
    return rng.choice(("0558-{}", "0558-{}", "(0558){}", "{}", "0558-{}转806")).format(
        rng.randrange(2_000_000, 8_999_999)
    )


def _mobile(rng: random.Random) -> str:
    return rng.choice(("13", "15", "17", "18", "19")) + f"{rng.randrange(10**9):09d}"


def _address(rng: random.Random, usual: str) -> str:
    tail = rng.choice(
        ("", "", f"{rng.randrange(1, 30)}号楼{rng.randrange(100, 2600)}室", "（市民中心西侧）", "2号楼三楼")
    )
    head = usual if rng.random() < 0.5 else f"亳州市{rng.choice(_ROADS)}{rng.randrange(1, 900)}号"
    return f"{head}{tail}"
