"""Invented applicants with everything that their form, licence and mails must agree on."""

import random
import unicodedata
from collections.abc import Mapping
from datetime import date

import msgspec
from stdnum.cn import uscc as stdnum_uscc

from storage.model import Fields
from tests.build import names

PLATFORMS = ("wechat", "weibo", "douyin", "kuaishou", "toutiao", "yidian", "baidu", "bilibili", "uc")
PLATFORM_LABELS = {
    "wechat": "微信号",
    "weibo": "微博UID",
    "douyin": "抖音号",
    "kuaishou": "快手号",
    "toutiao": "头条号",
    "yidian": "一点号",
    "baidu": "百家号",
    "bilibili": "B站UID",
    "uc": "UC号",
}
# Unit kind -> (its names, the certificate it holds, head of its 统一社会信用代码, its tick on the form).
UNITS: Mapping[str, tuple[tuple[names.Unit, ...], str, str, str]] = {
    "institution": (names.INSTITUTIONS, "事业单位法人证书", "12", "government_news"),
    "agency": (names.INSTITUTIONS, "统一社会信用代码证书", "11", "government_news"),
    "company": (names.COMPANIES, "营业执照", "91", "commercial"),
    "society": (names.SOCIETIES, "社会团体法人登记证书", "51", "other"),
    "non-profit": (names.NON_PROFITS, "民办非企业单位登记证书", "52", "other"),
    "person": ((), "", "92", "other"),
}
CATEGORIES = {"government_news": "政府、新闻类", "commercial": "商业类", "other": "其他"}
CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: without I, O, S, V, Z
CJK_MARKS = "“”‘’—…·"


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """Who applies with which account: `fields` are what a reader must find, normalised.

    `written` is how a cell is written where that is not the value itself, `document` and `uscc` what
    the unit's certificate says, `county` the county whose office submits (None: directly).
    """

    fields: Fields
    kind: str
    platform: str | None
    unit: str
    document: str
    uscc: str
    county: str | None = None
    written: Mapping[str, str] = {}

    def cell(self, key: str) -> str:
        """Return the text to write into the cell of `key`, empty for None."""
        return self.written.get(key, getattr(self.fields, key) or "")


def applicant(
    number: int,
    *,
    unit: str = "institution",
    kind: str = "account",
    platform: str | None = None,
    county: str | None = None,
    summary_words: int = 320,
    labelled: bool = True,
    **changes: str | None,
) -> Applicant:
    """Return invented applicant `number`; the same arguments give the same facts.

    `changes` set fields of the form outright (`mobile=None` leaves the cell empty). Without `labelled`
    an account's identifier stands alone in its cell and names no platform.
    """
    rng = random.Random(f"shenbao {number} {unit} {kind} {county}")
    place = names.COUNTIES[county] if county else names.CITY
    full, short, letters = _unit(number, unit, place)
    platform = (platform or PLATFORMS[number % len(PLATFORMS)]) if kind == "account" else None
    identifier = _identifier(rng, kind, platform, letters)
    category = UNITS[unit][3]
    fields = Fields(
        name=_title(number, kind, short),
        identifier=identifier,
        category=category,
        category_other=names.OTHER_TYPES[number % len(names.OTHER_TYPES)] if category == "other" else None,
        icp_number=f"皖ICP备{rng.randrange(12000000, 22000000)}号-1" if kind == "website" else None,
        license_number=f"皖B2-{rng.randrange(20180001, 20220999)}"
        if kind == "website" and unit == "company"
        else None,
        organizer=full,
        address=_address(rng, place),
        postcode=place.postcode,
        contact=names.PEOPLE[rng.randrange(len(names.PEOPLE))],
        phone=f"0558-5{rng.randrange(500000, 599999)}",
        mobile=f"138{rng.randrange(138000, 138999):08d}",
        email=f"{letters}@{place.letters}.example.cn",
        summary=prose(rng, summary_words),
        recommendation="该申报对象政治导向正确，运行规范，内容优质，同意推荐。",
        recommendation_date=date(2022, 5, 24 + number % 7).isoformat(),
        county_opinion=f"经审核，情况属实，同意推荐。{county}委网信办、{county}文明办" if county else None,
        county_opinion_date=date(2022, 6, 1 + number % 2).isoformat() if county else None,
    )
    written = {}
    if platform and labelled:
        written["identifier"] = f"{PLATFORM_LABELS[platform]}：{changes.get('identifier', identifier)}"
    return Applicant(
        fields=msgspec.structs.replace(fields, **changes),
        kind=kind,
        platform=platform if labelled else None,
        unit=unit,
        document=UNITS[unit][1],
        uscc=uscc(rng, UNITS[unit][2], place.division),
        county=county,
        written=written,
    )


def with_written(who: Applicant, **cells: str) -> Applicant:
    """Return `who` with some cells written otherwise than their normalised value."""
    return msgspec.structs.replace(who, written={**who.written, **cells})


def uscc(rng: random.Random, head: str, division: str) -> str:
    """Return a 统一社会信用代码 with both check characters right (GB 32100-2015, GB 11714-1997)."""
    body = "".join(rng.choice(CODE_LETTERS) for _ in range(8))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rest = -sum(weight * alphabet.index(sign) for weight, sign in zip(weights, body, strict=True)) % 11
    stem = f"{head}{division}{body}{'X' if rest == 10 else rest}"
    return stem + str(stdnum_uscc.calc_check_digit(stem))


def wrong_uscc(code: str) -> str:
    """Return `code` with a check character that cannot be right."""
    return code[:-1] + ("1" if code[-1] != "1" else "2")


def prose(rng: random.Random, words: int, paragraphs: int = 3) -> str:
    """Return plausible text of exactly `words` 字 in up to `paragraphs` paragraphs."""
    if words < 12 * paragraphs:
        return exact(rng, words)
    share = words // paragraphs
    shares = [share] * (paragraphs - 1) + [words - share * (paragraphs - 1)]
    return "\n".join(exact(rng, each) for each in shares)


def exact(rng: random.Random, words: int) -> str:
    """Return one paragraph of exactly `words` 字, ending in a full stop."""
    if words < 12:
        return "好" * (words - 1) + "。" if words else ""
    text, left = "", words - 1
    deck: list[str] = []
    while True:
        deck = deck or rng.sample(names.SENTENCES, len(names.SENTENCES))
        clause = deck.pop() if not text else rng.choice("，；。") + deck.pop()
        if count(clause) > left - 5:
            return text + _filler(left, first=not text) + "。"
        text, left = text + clause, left - count(clause)


def _filler(words: int, *, first: bool) -> str:
    """Return clauses of exactly `words` 字 (at least 5) that end a paragraph."""
    text, left = "", words
    while left:
        size = min(left, 11)
        size = left - 5 if 0 < left - size < 5 else size
        text, left = text + "，" + names.ENDINGS[size - 5], left - size
    return "我" + text[1:] if first else text


def count(text: str) -> int:
    """Return the 字数 of `text` as the contract counts: CJK one each, runs of the rest one each."""
    signs = ((sign, unicodedata.east_asian_width(sign) in "WF" or sign in CJK_MARKS) for sign in text)
    kept = (
        " 一 " if cjk and not sign.isspace() else sign
        for sign, cjk in signs
        if not (sign.isascii() and unicodedata.category(sign)[0] in "PS")
    )
    return len("".join(kept).split())


def chinese_date(iso: str) -> str:
    """Return `iso` as an office writes it: 2022年5月30日."""
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def _unit(number: int, unit: str, place: names.Place) -> tuple[str, str, str]:
    """Return full name, short name and letters of the unit; distinct for as many numbers as there are."""
    if unit == "person":
        person = names.PEOPLE[number % len(names.PEOPLE)]
        return person, person, f"{place.letters}geren{number}"
    table = UNITS[unit][0]
    chosen = table[number % len(table)]
    lap = number // len(table)
    head = place.name if unit != "company" else place.short
    nth = f"第{'零一二三四五六七八九'[lap % 10]}" if lap else ""
    short = f"{place.short}{nth}{chosen.short}"
    return f"{head}{nth}{chosen.tail}", short, f"{place.letters}{chosen.letters}{lap or ''}"


def _title(number: int, kind: str, short: str) -> str:
    patterns = names.ACCOUNT_NAMES if kind == "account" else names.SITE_NAMES
    return patterns[number % len(patterns)].format(short)


def _identifier(rng: random.Random, kind: str, platform: str | None, letters: str) -> str:
    if kind == "website":
        return f"www.{letters}.example.cn"
    if platform in {"weibo", "bilibili", "toutiao", "baidu", "uc"}:
        return str(rng.randrange(1_600_000_000, 7_900_000_000))
    return f"{letters}{rng.randrange(1000, 9999)}"


def _address(rng: random.Random, place: names.Place) -> str:
    district = "谯城区" if place is names.CITY else place.name
    return f"安徽省亳州市{district}{rng.choice(place.roads)}{rng.randrange(1, 300)}号"
