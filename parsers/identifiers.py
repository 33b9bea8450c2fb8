"""Numbers, addresses and names that identify: their validity, and keys by which they are compared."""

import re

from parsers.platforms import account_key, clean_identifier, ids, is_domain, kind_and_platform
from parsers.text import normalise, squash

__all__ = [
    "account_key",
    "clean_identifier",
    "ids",
    "is_domain",
    "kind_and_platform",
    "operator_key",
    "person_operated",
    "valid_email",
    "valid_icp",
    "valid_mobile",
    "valid_phone",
    "valid_postcode",
]

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼港澳台"
_ICP = re.compile(
    rf"[{_PROVINCES}](?:ICP(?:备|证)(?:\d{{5,8}}|20\d{{8}})号?(?:-\d{{1,3}}[A-Z]?)?"
    rf"|(?:ICP证)?[AB]\d?(?:\.[AB]\d)*-20\d{{6}}号?(?:-\d{{1,3}})?|公网安备\d{{11,14}}号?)",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"(?:\+?(?:00)?86-?)?1[3-9]\d-?\d{4}-?\d{4}")
_LANDLINE = re.compile(
    r"(?:\+?(?:00)?86-?)?(?:[(]?0\d{2,3}[)]?-{0,2})?[2-8]\d{6,7}(?:(?:-|转|,|分机)\d{1,6})?|[48]00-?\d{3}-?\d{4}|400-?\d{4}-?\d{3}"
)
_SEVERAL = re.compile(r"[/、,，;；|]")
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_BRACKETS = re.compile(r"[()\[\]{}<>〔〕【】〈〉《》「」“”\"'‘’·•.。,、_\-—]")
_PERSON = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]{2,4}")
_ORGANISATION = re.compile(
    r"(?:[局委办院校司社会厅台站队部处室组所厂店馆报府县市区乡村]"
    r"|中心|[大中小]学|农科|[妇文侨残]联|工商联|科协|银行|商行|集团|[文教]旅|乐?团|[校公家果林游乐儿]园|[商战]?联盟"
    r"|传媒|日刊|网站?|公安|交警|特警|刑警|法院|消防|税务|气象|卫健|教育|农业|水利|民政|发布|融媒|电力|移动|联通|电信|铁塔)$"
)


def valid_icp(text: str) -> bool:
    """Tell whether `text` holds a 备案号: ICP 备案, an older 许可证 one, or 公安备案."""
    return _ICP.search(squash(text)) is not None


def valid_mobile(text: str) -> bool:
    """Tell whether `text` is one mobile number of the mainland, or several with a separator."""
    return all(_MOBILE.fullmatch(one) for one in _SEVERAL.split(squash(text)))


def valid_phone(text: str) -> bool:
    """Tell whether `text` is one telephone number, fixed or mobile, or several with a separator."""
    return all(_is_phone(one) for one in _SEVERAL.split(squash(text)))


def valid_email(text: str) -> bool:
    """Tell whether `text` is one e-mail address, or several with a separator."""
    return all(
        _EMAIL.fullmatch(one.strip()) for one in re.split(r"[、,;|]|(?<=\w)/(?=\w[^/]*@)", normalise(text))
    )


def valid_postcode(text: str) -> bool:
    """Tell whether `text` is six digits."""
    return re.fullmatch(r"[0-9]{6}", squash(text)) is not None


def operator_key(name: str | None) -> str | None:
    """Return an organisation's name for comparison, without width, case, space, brackets; None if empty."""
    bare = _BRACKETS.sub("", squash(name or "").casefold())
    return bare.replace("有限责任公司", "有限公司").replace("帐", "账") or None


def person_operated(organizer: str | None) -> bool:
    """Tell whether `organizer` is a person: 2-4 Han characters no organisation ends in, or 个人."""
    name = normalise(organizer or "").replace(" ", "")
    if re.search(r"个人(?!独资)", name):
        return True
    return _PERSON.fullmatch(name) is not None and _ORGANISATION.search(name) is None


def _is_phone(text: str) -> bool:
    return _MOBILE.fullmatch(text) is not None or _LANDLINE.fullmatch(text) is not None
