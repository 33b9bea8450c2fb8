"""By what an application's account is compared: nothing that many would write alike identifies one."""

import re

from parsers import identifiers
from parsers.documents import Form
from parsers.identifiers import valid_email, valid_mobile
from parsers.text import normalise
from parsers.values import is_nothing

LEAST = 3  # signs of an identifier that two would not write by chance
_HAN = re.compile(r"[\u3400-\u9fff]")
_UNIQUE_NAMES = frozenset({"wechat", "weibo", "toutiao", "bilibili", "baidu"})
# `www.bz.gov.cn/jyj/` is a department's page of a shared host, and a port another server of it.
_PAGE = re.compile(
    r"(?<=[^\s/:])(?::(?!80(?!\d)|443(?!\d))\d+|/(?!/)(?!(?:index|default|main|home)(?:\.\w+)?/?$)(?=[^\s/、,;(]*[\w]))",
    re.IGNORECASE,
)
# What stands in the cell where somebody has no ID at hand: the platform's name, or that it will follow.
_NO_ID = re.compile(
    r"(?:官方)?(?:新浪|腾讯|微信)?(?:微信|公众|订阅号|服务号|视频号|抖音|快手|微博|今日头条|头条|一点资讯|一点|百度|百家|B站|哔哩哔哩|UC|UC头条"
    r"|大鱼|小红书|网站|账|帐|域名|平台)?(?:公众)?(?:平台|账号|帐号|号码?|ID)*"
    r"|待[定补填]|暂无|没有|无|空|不详|不清楚|未知|同上|同名|详?见附[件页表]|[xX*]+",
    re.IGNORECASE,
)


def identifies(identifier: str | None) -> bool:
    """Say whether `identifier` can name one account: it is more than a platform's name or a placeholder."""
    bare = re.sub(r"[\W_]", "", normalise(identifier or ""))
    if not bare or is_nothing(identifier or "") or _NO_ID.fullmatch(bare):
        return False
    # The page where an account's owner logs in, or a single article, is an address and names nobody.
    return identifiers.account_key("account", None, identifier) is not None


def surely_identifies(kind: str | None, platform: str | None, identifier: str | None) -> bool:
    """Say whether the same `identifier` elsewhere is surely the same account or site, and no shared address or number.

    A telephone number or an e-mail address is its owner's, who may run several accounts; a page below a host is not
    the host; names are unique on few platforms; of several ids in a cell nobody knows which is meant.
    """
    text = normalise(identifier or "")
    if kind == "website":
        return _PAGE.search(text) is None
    several = len(identifiers.ids(text)) > 1
    text = identifiers.clean_identifier(text, kind) or ""
    if several or valid_email(text) or valid_mobile(text) or len(text) < LEAST:
        return False
    return _HAN.search(text) is None or platform in _UNIQUE_NAMES


def account_key(kind: str | None, platform: str | None, identifier: str | None) -> str | None:
    """Return the identity of an account or site; None where the cell names none."""
    return identifiers.account_key(kind, platform, identifier) if identifies(identifier) else None


def key_of(form: Form) -> str | None:
    """Return the identity of the account or site that `form` names."""
    return account_key(form.kind, form.platform, form.value("identifier"))
