"""The labels of the 申报表 in the wordings offices use, told apart from everything else by their words."""

import difflib
import re
from functools import lru_cache
from typing import NamedTuple

from parsers.text import squash

# A label that asks for two fields in one cell.
ADDRESS_AND_POSTCODE = "address+postcode"
CONTACT_AND_PHONE = "contact+phone"
PHONE_AND_MOBILE = "phone+mobile"

_WHAT = r"(?:网站|平台|公众号|公众账号|账号|自媒体|媒体)"
_TEL = r"(?:联系电话|联系方式|电话|手机号码|手机号|手机)"
# Matched whole, against the label without space, punctuation and 或及和与; the first that matches wins.
_PATTERNS = tuple(
    (key, re.compile(pattern, re.IGNORECASE))
    for key, pattern in (
        ("name", rf"(?:申报|参评|推荐)?(?:{_WHAT}|名称)*(?:名称|全称)|(?:申报|参评)(?:对象|项目)名称|{_WHAT}+名"),
        (
            "identifier",
            (rf"(?:{_WHAT})*(?:域名|网址|链接|ID号?|URL)(?:(?:{_WHAT})*(?:域名|网址|链接|ID号?|微信号|地址|号|URL))*"
            r"|网站地址|微信号|账号"),
        ),
        ("category", rf"(?:申报|推荐)?(?:{_WHAT})*(?:类别|类型|分类)+"),
        ("icp_number", r"(?:网站)?(?:ICP|工信部|公安)*备案(?:许可)?证?(?:号码|编号|号)*|(?:网站)?ICP(?:备案)?(?:许可)?证?(?:号码|编号|号)"),
        ("license_number", r"(?:网站|ICP|增值电信业务|电信业务|互联网信息服务)*(?:经营)?许可证?(?:号码|编号|号)*"),
        (CONTACT_AND_PHONE, rf"(?:负责人|联系人)+(?:姓名)?(?:{_TEL})+"),
        (PHONE_AND_MOBILE, r"(?:联系|办公)?电话手机(?:号码|号)?|手机(?:号码|号)?(?:联系|办公)?电话"),
        ("organizer", (r"(?:主办|主管主办|申报|运营|主办运营|开办|参评)单位(?:名称|全称|个人)*|单位(?:名称|全称)|主办(?:者|方|人|机构)(?:名称)?"
                      r"|运营(?:主体|者|方)(?:名称)?|账号主体(?:名称)?")),
        (ADDRESS_AND_POSTCODE, r"(?:单位)?(?:通信|联系|详细|办公|邮寄)?地址(?:邮政编码|邮编)|(?:邮政编码|邮编)(?:通信|联系)?地址"),
        ("address", r"(?:单位)?(?:通信|联系|详细|办公|邮寄)*地址"),
        ("postcode", r"邮政编码|邮编|邮码"),
        ("contact", r"(?:单位|账号)?(?:主要|直接)?(?:负责人|联系人|责任人)+(?:姓名)?|姓名"),
        ("mobile", r"(?:联系人?|负责人)?(?:手机|移动)(?:号码|电话|号)*"),
        ("phone", r"(?:联系|办公|固定|单位|座机|联系人|负责人)*电话(?:号码|号)?|座机(?:号码|号)?|固话|联系方式"),
        ("email", r"(?:联系|单位)?(?:电子)?(?:邮箱|信箱|邮件)(?:地址|账号)?(?:email)?|email(?:地址|邮箱)?|电邮"),
        ("summary", rf"(?:{_WHAT}|单位)*(?:(?:主要|基本)(?:情况|事迹)(?:简介|介绍|说明)?|情况(?:简介|介绍|说明))(?:[0-9]{{3,4}}字(?:以内|左右|内)*)?(?:可另附页)?"),
        ("county_opinion", r".{0,12}[县区].{0,14}(?:网信|文明办|宣传部).{0,14}意见|县区?级?(?:审核|推荐)意见|审核意见"),
        ("city_opinion", r".{0,4}市.{0,10}(?:网信|文明办|宣传部).{0,12}意见|市级?(?:审核|评审|推荐)?意见"),
        ("recommendation", r"(?:主办|申报|主管|推荐|所在)*单位(?:推荐|申报|审核|初审)*意见|推荐(?:单位)?意见"),
    )
)  # fmt: skip
_FUZZY = {
    "网站平台账号名称": "name",
    "网站平台域名账号ID": "identifier",
    "网站备案号": "icp_number",
    "网站经营许可证号": "license_number",
    "主办单位": "organizer",
    "通信地址邮政编码": ADDRESS_AND_POSTCODE,
    "负责人联系人": "contact",
    "手机号码": "mobile",
    "电子邮箱": "email",
    "网站平台账号主要情况": "summary",
    "网站平台账号主要情况1500字": "summary",
    "单位推荐意见": "recommendation",
    "县区委网信办县文明办审核意见": "county_opinion",
    "市委网信办市文明办意见": "city_opinion",
}
_FUZZY_RATIO = 0.74
_LONGEST = 60
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_NUMBERING = re.compile(
    r"^(?:[0-9]{1,2}[.、)]|[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十0-9]{1,2}\))"
)
_NOISE = re.compile(r"[^\w]|[_或及和与]")
COLONS = ":：﹕∶︰"
_SEPARATORS = " \t　;；,，|。"
_LOOK_BACK = 40


class Inline(NamedTuple):
    """A label inside running text: its key, where it starts, and where its value starts."""

    key: str
    start: int
    end: int


def field_of(text: str, *, fuzzy: bool = False) -> str | None:
    """Return the field that `text` is the label of and nothing else; `fuzzy` forgives a recogniser's errors."""
    if len(text) > _LONGEST * 3:
        return None
    return _field_of(squash(text), fuzzy)


@lru_cache(maxsize=4096)
def _field_of(squashed: str, fuzzy: bool) -> str | None:
    if not squashed or len(squashed) > _LONGEST:
        return None
    plain = _NUMBERING.sub("", squashed)
    candidates = (_canonical(plain), _canonical(_BRACKETED.sub("", plain)))
    for candidate in candidates:
        if key := _exact(candidate):
            return key
    return _nearest(candidates[0]) if fuzzy else None


def _canonical(text: str) -> str:
    bare = _NOISE.sub("", text).replace("帐", "账").replace("通讯", "通信").replace("帳", "账")
    return re.sub(r"(?i)e-?mail", "email", bare)


def _exact(candidate: str) -> str | None:
    return next((key for key, pattern in _PATTERNS if pattern.fullmatch(candidate)), None)


def _nearest(candidate: str) -> str | None:
    if len(candidate) < 4:
        return None
    close = difflib.get_close_matches(candidate, list(_FUZZY), n=1, cutoff=_FUZZY_RATIO)
    return _FUZZY[close[0]] if close else None


def inline(text: str) -> list[Inline]:
    """Return the labels followed by a colon in `text`, and those that open a line before a space."""
    found: list[Inline] = []
    offset = 0
    for line in text.split("\n"):
        found.extend(Inline(one.key, offset + one.start, offset + one.end) for one in _inline_of_line(line))
        offset += len(line) + 1
    return found


def opening(text: str) -> str | None:
    """Return the field whose label and colon `text` begins with."""
    line = text.strip().partition("\n")[0]
    first = next(iter(_inline_of_line(line)), None)
    return first.key if first and first.start == 0 and line[first.end - 1] in COLONS else None


def _inline_of_line(line: str) -> list[Inline]:
    found: list[Inline] = []
    at = 0
    for index, character in enumerate(line):
        if character in COLONS and (label := _label_before(line, at, index)):
            if not (found and found[-1].key == label.key and not line[found[-1].end : label.start].strip()):
                found.append(label)
            at = index + 1
    if not found and (head := _label_at_head(line)):
        found.append(head)
    return found


def _label_before(line: str, floor: int, colon: int) -> Inline | None:
    """Return the longest label that ends at `colon` and starts the line or follows a separator."""
    for start in range(max(floor, colon - _LOOK_BACK), colon):
        follows = start == 0 or start == floor or line[start - 1] in _SEPARATORS or not line[:start].strip()
        if follows and line[start] not in _SEPARATORS and (key := field_of(line[start:colon])):
            return Inline(key, start, colon + 1)
    return None


def _label_at_head(line: str) -> Inline | None:
    """Return the longest label that opens `line`, is its whole or is followed by a space."""
    start = len(line) - len(line.lstrip())
    ends = [
        match.start() for match in re.finditer(r"\s+|$", line) if start < match.start() <= start + _LOOK_BACK
    ]
    for end in reversed(ends):
        if key := field_of(line[start:end]):
            return Inline(key, start, end)
    return None
