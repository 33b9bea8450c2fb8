"""The printed labels of Chinese certificates, and the values beside them in lines of text."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from parsers.documents import Fact

# What a label asks for. Keys other than name, address and code only keep values apart.
LABELS: dict[str, tuple[str, ...]] = {
    "name": (
        "名称",
        "单位名称",
        "企业名称",
        "机构名称",
        "组织名称",
        "法人名称",
        "字号名称",
        "社团名称",
        "社会组织名称",
        "经营者名称",
        "公司名称",
        "注册人",
        "申请人",
        "持证人",
        "权利人",
    ),
    "address": (
        "住所",
        "地址",
        "经营场所",
        "主要经营场所",
        "营业场所",
        "机构地址",
        "单位地址",
        "注册地址",
        "注册住所",
        "住址",
    ),
    "code": ("统一社会信用代码", "社会信用代码", "信用代码", "代码"),
    "person": (
        "法定代表人",
        "法人代表",
        "负责人",
        "经营者",
        "投资人",
        "执行事务合伙人",
        "法定代表人姓名",
        "姓名",
    ),
    "scope": ("经营范围", "业务范围", "宗旨和业务范围", "许可项目", "活动地域", "业务种类", "服务项目"),
    "kind": ("类型", "机构类型", "机构性质", "组成形式", "主体类型", "企业类型", "公司类型", "单位性质"),
    "capital": (
        "注册资本",
        "开办资金",
        "注册资金",
        "原始基金数额",
        "实收资本",
        "出资额",
        "资金数额",
        "成员出资总额",
    ),
    "term": ("营业期限", "合伙期限", "有效期", "有效期限", "有效期至", "经营期限", "证书有效期"),
    "date": ("成立日期", "注册日期", "颁发日期", "核准日期", "发证日期", "发照日期", "签发日期", "登记日期"),
    "authority": (
        "登记机关",
        "发证机关",
        "登记管理机关",
        "赋码机关",
        "颁发单位",
        "签发机关",
        "发证单位",
        "发证部门",
    ),
    "sponsor": ("举办单位", "业务主管单位", "主管单位", "主管部门"),
    "funds": ("经费来源",),
    "number": (
        "注册号",
        "证书编号",
        "编号",
        "证号",
        "登记号",
        "登记证号",
        "许可证编号",
        "许可证号",
        "公民身份号码",
    ),
}
_KEYS = {spelling: key for key, spellings in LABELS.items() for spelling in spellings}
_SURE_LENGTH = 4


def _spaced(spelling: str) -> str:
    return r"\s*".join(map(re.escape, spelling))


def _any_of(spellings: Iterable[str]) -> str:
    return "|".join(_spaced(spelling) for spelling in sorted(spellings, key=len, reverse=True))


_ANY = _any_of(_KEYS)
_LONG = _any_of(spelling for spelling in _KEYS if len(spelling) >= _SURE_LENGTH)
# A label stands at the start of a line or after a space; a long one also right after a value.
_LABEL = re.compile(rf"(?:(?:(?<=^)|(?<=\s))(?P<any>{_ANY})|(?P<long>{_LONG}))\s*(?P<colon>[::]?)\s*")


HALVES = {"名": "name", "称": "name", "住": "address", "所": "address", "类": "kind", "型": "kind"}
"""The letters of the labels that are set wide apart: one of them may be all that is recognised."""

_HALF = re.compile(
    r"([名称住所类型])\s+(?=[一-鿿(]{3})|(所)(?=[一-鿿]{2,4}[省市][一-鿿]*[市区县])|(称)(?=(?!号)[一-鿿(]{4})"
    r"|(型)(?=有限|股份|个[体人]|合伙|内资|事业|全民|集体)"
)
# A label of a term that lost its beginning, right before its first day.
_TERM = re.compile(r"[一-鿿]{0,4}(?<!日)期(?:限|至)?\s*(?=自?[12]\d{3}年|长期$)")


class Labelled(Fact, frozen=True, kw_only=True):
    """One label of a line: its key, its value on that line, and where both begin in the line."""

    key: str
    value: str
    start: int
    value_start: int


def split(line: str) -> list[Labelled]:
    """Return the labels of one NFKC-normalised line with the values between them."""
    marks = [mark for mark in _LABEL.finditer(line) if _apart(line, mark)]
    if not marks and (torn := _HALF.match(line) or _TERM.match(line)):
        key = HALVES[torn[torn.lastindex]] if torn.lastindex else "term"
        return [Labelled(key=key, value=line[torn.end() :], start=0, value_start=torn.end())]
    ends = [mark.start() for mark in marks[1:]] + [len(line)]
    return [
        Labelled(
            key=_key(mark),
            value=line[mark.end() : end].strip(),
            start=mark.start(),
            value_start=mark.end(),
        )
        for mark, end in zip(marks, ends, strict=False)
    ]


def _apart(line: str, mark: re.Match[str]) -> bool:
    """Say whether a label is one: `代码` in `代码开发` of running text is not."""
    follows = line[mark.end() :]
    spelled = mark["any"] or mark["long"]
    if mark["colon"] or not follows or mark.end() > mark.end("any" if mark["any"] else "long"):
        return True
    sure = _RUNNING.get(_key(mark))
    return len(re.sub(r"\s", "", spelled)) >= _SURE_LENGTH if sure is None else bool(sure.match(follows))


# What the value of a short label looks like when nothing stands between the two.
_RUNNING = {
    "name": re.compile(r"[一-鿿(]{3,}"),
    "address": re.compile(r"[一-鿿]{1,9}[省市区县]"),
    "person": re.compile(r"[一-鿿·]{2,5}$"),
    "code": re.compile(r"[0-9A-Z]{15,}"),
    "term": re.compile(r"自?[12一二][0-9〇○零一二三四五六七八九]{3}年|长期"),
}


def _key(mark: re.Match[str]) -> str:
    return _KEYS[re.sub(r"\s", "", mark["any"] or mark["long"])]


def near(text: str) -> str | None:
    """Return the key of the label that recognised `text` is but for one letter lost or misread."""
    bare = text.replace(" ", "").rstrip(":")
    close = (spelling for spelling in _KEYS if len(spelling) >= _SURE_LENGTH and one_off(bare, spelling))
    return next((_KEYS[spelling] for spelling in close), None)


def one_off(text: str, spelling: str) -> bool:
    """Say whether `text` is `spelling` with one letter lost or misread."""
    if len(text) == len(spelling):
        return sum(a != b for a, b in zip(text, spelling, strict=True)) == 1
    return len(text) == len(spelling) - 1 and any(
        text == spelling[:at] + spelling[at + 1 :] for at in range(len(spelling))
    )


def like_name(text: str) -> bool:
    """Say whether `text` reads like the name of a unit and not like an office's imprint or a title."""
    return bool(_NAME_END.search(text)) and len(text) >= _SURE_LENGTH and not _IMPRINT.search(text)


def pairs(lines: Sequence[str]) -> dict[str, str]:
    """Return what stands beside each label, the first non-empty value of a key.

    A value may begin on the line after its label, and goes on while it is unfinished.
    """
    found: dict[str, str] = {}
    for at, line in enumerate(lines):
        for number, labelled in enumerate(parts := split(line)):
            last = number == len(parts) - 1
            value = _continued(labelled, lines[at + 1 :]) if last else labelled.value
            if value:
                found.setdefault(labelled.key, value)
    return found


_NAME_END = re.compile(
    r"(?:公司|中心|局|委员会|委|办公室|协会|学会|商会|研究会|促进会|联合会|总会|基金会|会|学校|大学|学院|中学|小学|幼儿园"
    r"|医院|校|社|台|院|店|厂|部|所|站|行|馆|厅|处|队|团|室|园|场|铺|坊|屋|吧|轩|阁|斋|企业|集团|合作社|政府)(?:\([^()]*\))?$"
)
_IMPRINT = re.compile(r"^\(|执照|证书|证$|公示系统|登记|监督管理局|行政审批局|民政局|中华人民共和国|[,;。]")
_ADDRESS_END = re.compile(r"(?:号|室|层|楼|栋|幢|座|村|组|\))$")
_TERM_END = re.compile(r"[^至到自\-—~]$")
_SEPARATOR = re.compile(r"^[\s::;,.·、]+")


def _continued(labelled: Labelled, following: Sequence[str]) -> str:
    value = labelled.value
    for line in following[:2]:
        if _finished(labelled.key, value) or not line or split(line):
            break
        value += line.strip()
    return trimmed(value)


def trimmed(value: str) -> str:
    """Return `value` without the marks that set it off from its label."""
    return _SEPARATOR.sub("", value).strip()


def _finished(key: str, value: str) -> bool:
    ends = {"name": _NAME_END, "address": _ADDRESS_END, "term": _TERM_END}
    return bool(value) if key not in ends else bool(ends[key].search(value))


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """What the lines of a certificate say: `lines` in reading order, `values` by label key.

    `rows` are the lines with what stands side by side put together.
    """

    lines: tuple[str, ...]
    values: dict[str, str]
    rows: tuple[str, ...] = ()
