"""By what an application's account is compared: nothing that many would write alike identifies one."""

import re

from parsers import identifiers
from parsers.documents import Form
from parsers.text import normalise
from parsers.values import is_nothing

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
    return bool(bare) and not is_nothing(identifier or "") and _NO_ID.fullmatch(bare) is None


def account_key(kind: str | None, platform: str | None, identifier: str | None) -> str | None:
    """Return the identity of an account or site; None where the cell names none."""
    return identifiers.account_key(kind, platform, identifier) if identifies(identifier) else None


def key_of(form: Form) -> str | None:
    """Return the identity of the account or site that `form` names."""
    return account_key(form.kind, form.platform, form.value("identifier"))
