"""What an applicant's identifier is: a site's own domain, or an id or address on a platform."""

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from parsers.platform_names import HOSTS, WORDS
from parsers.text import normalise

_WORDS_PATTERN = "|".join(words for _, words in WORDS)
_PLATFORM = re.compile("|".join(f"(?P<{key}>{words})" for key, words in WORDS), re.IGNORECASE)
# A site may be called 微信网 or 百度…; only these words make a name an account's beyond doubt.
_ACCOUNT_NAME = re.compile(
    r"公众账?号|订阅号|服务号|视频号|微信号|微博|(抖音|快手|头条|百家|一点|大鱼|UC|B站|哔哩哔哩|小红书|微信)账?号"
    r"|今日头条|一点资讯|UC头条|[(](微信|抖音|快手|微博|头条|B站|哔哩哔哩|百度|UC|小红书)[)]"
    r"|^(官方)?(微信|抖音|快手)$|(抖音|快手|微信|头条)$",
    re.IGNORECASE,
)
_KIND_OF_LABEL = r"(?:账号|帐号|号码?|用户)?\s*(?:ID|UID|名称?|昵称|原始ID|地址|链接|网址|主页)?"
_LABEL = re.compile(
    r"^[\[(【]?(?:官方)?(?:(?:"
    + "|".join(words for _, words in WORDS)
    + r")(?:官方)?"
    + _KIND_OF_LABEL
    + r"|(?:公众)?(?:账号|帐号|用户)(?:ID|名称?|UID)?|原始ID|UID|ID|号码"
    r"|(?:网站)?(?:平台)?(?:域名|网址|地址|链接|主页|URL)(?:或账号ID)?)[\])】]?\s*(?P<end>[:;=]\s*|\s+|(?=[A-Za-z0-9_@]))",
    re.IGNORECASE,
)
_BARE_ID = re.compile(r"[A-Za-z0-9_.@-]+")
_LEADING_ID = re.compile(r"([A-Za-z0-9_.-]{3,})\s*[(]")
_BRACKETED_ID = re.compile(r"[^()]*[\u4e00-\u9fff][^()]*[(]\s*([A-Za-z0-9_-]{4,})\s*[)]")
# `abc（微信）`, `abc 抖音号`: where it lives, written behind the id.
_TRAILING = re.compile(
    r"(?<=\w)(?:\s*[(\[【](?:官方)?(?:"
    + _WORDS_PATTERN
    + r")(?:账?号|平台)?[)\]】]|\s+(?:"
    + _WORDS_PATTERN
    + r")(?:账?号|平台)?)$",
    re.IGNORECASE,
)
_WIDE_STOP = re.compile(r"(?<=[A-Za-z0-9])[。｡](?=[A-Za-z0-9])")
_WECHAT_ID = re.compile(r"(gh_[0-9a-z]+|wxid_[0-9a-z]+)", re.IGNORECASE)
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//[^\s,;、，。；<>\"'()]+", re.IGNORECASE)
_HOST = re.compile(
    r"(?<![\w@.-])((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59}|[\u4e00-\u9fff]{2,5}))(?![\w-])\.?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    rf"[,;、\n]|(?<![/:])/(?!/)|\s+(?=(?:{_WORDS_PATTERN})[^\s:]{{0,6}}[:@\s])", re.IGNORECASE
)
_MAIN = "cn com net org gov edu info biz cc tv top vip xyz site online club wang ltd mobi asia"
_REST = """
shop store tech group fun ink work link name pro co me io cloud art live news press team website space
ren xin red kim city world today life center company email chat video media social studio design host
plus love pub show run zone hk tw mo us uk jp eu de fr in ai so la ws im app dev page icu cyou example
中国 中國 公司 网络 政务 公益 网址 在线 中文网 集团 我爱你 商城 商标 商店 网店 信息 手机 移动
"""
_MAIN_TLDS, _OTHER_TLDS = frozenset(_MAIN.split()), frozenset(_REST.split())
_LONGEST = 500  # characters that are looked at; no identifier is longer
_ID_PARAMETERS = ("__biz", "app_id", "uid", "user_id", "mid", "id")
_PATHS = "u n p c s a user users profile space home channel people author token media m w share index dynamic video"
_PATH_WORDS = frozenset(_PATHS.split())
# Where an account's owner logs in, and single articles: the same address whoever's account it is.
_NOBODYS = re.compile(
    r"(?:mp|creator|cp|member|om|passport|login)\.|baijiahao\.baidu\.com/builder|[^/]*/(?:login|s)(?:/|$)"
)
_WEIBO_PAGE = re.compile(r"100\d{3}(\d{10})")


def is_domain(text: str) -> bool:
    """Tell whether `text` is a host name under a top-level domain in use, and nothing more."""
    found = _HOST.fullmatch(normalise(text[:_LONGEST]).lower())
    return found is not None and _in_use(found.group(1))


def kind_and_platform(identifier: str | None, name: str | None = None) -> tuple[str | None, str | None]:
    """Return the contract's kind and platform by what `identifier` is; `name` helps where it is silent."""
    said = normalise((name or "")[:_LONGEST])
    if identifier is None or not normalise(identifier):
        return ("account", _named(said)) if _ACCOUNT_NAME.search(said) else (None, None)
    text = _plain(identifier[:_LONGEST])
    for host in _hosts(text):
        if platform := _platform_of_host(host):
            return "account", platform
    platform = _labelled(text)
    if platform is None and _site(text, said):
        return "website", None
    return "account", platform or _named(said)


def clean_identifier(identifier: str, kind: str | None) -> str | None:
    """Return a website's bare lower-case host, an account's id without its leading label."""
    text = _plain(identifier)
    if len(text) > _LONGEST:
        return text
    if kind == "website" and (hosts := _hosts(text)):
        return hosts[0]
    if len(ids(text)) > 1:
        return text
    return _TRAILING.sub("", _unlabelled(text)) or None


def account_key(kind: str | None, platform: str | None, identifier: str | None) -> str | None:
    """Return the identity by which sites and accounts are compared, e.g. `site:bozhou.gov.cn`, `wechat:abc`."""
    text = _plain((identifier or "")[:_LONGEST])
    if not text:
        return None
    if kind == "website":
        hosts = _hosts(text) or [text.lower()]
        return "site:" + _unicode_host(hosts[0]).removeprefix("www.")
    bare = "".join(_account_id(text).casefold().split()).strip("@《》“”\"'")
    return f"{platform or 'account'}:{bare}" if bare else None


def ids(text: str) -> list[str]:
    """Return the ids of different accounts that `text` names, as written; often one, none where it is a name only.

    An id beside its name, its page or its 原始ID is one account; another platform or another bare id is a second.
    """
    plain_text = _plain(text[:_LONGEST])
    if addresses := _URL.findall(plain_text):
        return list(
            {_platform_of_host(_host_of_url(url) or ""): url for url in reversed(addresses)}.values()
        )[::-1]
    told = [one for one in map(_one_id, _BETWEEN.split(plain_text)) if one]
    plain = {one.platform for one in told if _BARE_ID.fullmatch(one.id)}
    kept = {
        (one.platform, one.id): one for one in told if one.platform not in plain or _BARE_ID.fullmatch(one.id)
    }
    return [one.written for one in kept.values()]


class _Named(NamedTuple):
    platform: str | None
    id: str
    written: str


def _one_id(piece: str) -> _Named | None:
    """Return the account that a piece surely names; None for a name, a remark, a site or a 原始ID."""
    piece = piece.strip()
    bare = _TRAILING.sub("", _unlabelled(piece)).strip("@")
    kind, platform = kind_and_platform(piece)
    said = bare != piece and _PLATFORM.fullmatch(bare) is None
    if kind != "account" or bare.lower().startswith("gh_") or _hosts(piece):
        return None
    return _Named(platform, bare.casefold(), piece) if said or len(_bare_id(bare)) > 3 else None


def _bare_id(text: str) -> str:
    found = _BARE_ID.fullmatch(text)
    return found.group() if found else ""


def _plain(text: str) -> str:
    """Return `text` in NFKC, folded, with the full stops of a Chinese keyboard inside a domain as dots."""
    return _WIDE_STOP.sub(".", normalise(text))


def _account_id(text: str) -> str:
    if found := _URL.search(text):
        return _id_of_url(found.group())
    if any(_platform_of_host(host) for host in _hosts(text)):
        return _id_of_url("//" + _unlabelled(text))
    first = next(iter(ids(text)), text) if _BETWEEN.search(text) else text
    bare = _TRAILING.sub("", _unlabelled(first))
    if found := _LEADING_ID.match(bare):
        return found.group(1)
    if found := _WECHAT_ID.search(first):
        return found.group()
    if found := _BRACKETED_ID.fullmatch(bare):
        return found.group(1)
    inner = re.search(r"[(](?:[^()]*?(?:ID|号)[:]?)\s*([A-Za-z0-9_-]{4,})[)]", bare, re.IGNORECASE)
    return inner.group(1) if inner else bare


def _id_of_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
    except ValueError:
        return url
    for key in _ID_PARAMETERS:
        if key in query:
            return query[key][0]
    steps = [step for step in parts.path.split("/") if step and step.lower() not in _PATH_WORDS]
    if _NOBODYS.match(f"{parts.hostname or ''}{parts.path}") or not steps:
        return ""
    page = _WEIBO_PAGE.fullmatch(steps[-1])
    return page.group(1) if page else steps[-1]


def _site(text: str, name: str) -> bool:
    """Tell whether `text` is a site's own domain; an id with a dot under a rare TLD yields to the name."""
    hosts = _hosts(text)
    if not hosts:
        return False
    if "@" in text and "//" not in text:
        return False
    common = hosts[0].rpartition(".")[2] in _MAIN_TLDS or hosts[0].startswith("www.") or "//" in text
    return common or not _ACCOUNT_NAME.search(name)


def _hosts(text: str) -> list[str]:
    """Return the lower-case hosts named in `text`, addresses first, in their order."""
    addressed = [host for url in _URL.findall(text) if (host := _host_of_url(url))]
    plain = [found.group(1).lower() for found in _HOST.finditer(_unlabelled(text))]
    return list(dict.fromkeys(addressed + [host for host in plain if _in_use(host)]))


def _host_of_url(url: str) -> str | None:
    try:
        host = urlsplit(url if "://" in url else "http:" + url).hostname
    except ValueError:
        return None
    return host.rstrip(".") if host else None


def _in_use(host: str) -> bool:
    tld = host.rpartition(".")[2]
    return tld in _MAIN_TLDS or tld in _OTHER_TLDS or tld.startswith("xn--")


def _unicode_host(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _platform_of_host(host: str) -> str | None:
    labels = host.split(".")
    suffixes = (".".join(labels[start:]) for start in range(len(labels)))
    return next((HOSTS[suffix] for suffix in suffixes if suffix in HOSTS), None)


def _labelled(text: str) -> str | None:
    """Return the platform that a leading label of `text`, or the id's own shape, names."""
    if _WECHAT_ID.fullmatch(_unlabelled(text)):
        return "wechat"
    found = _LABEL.match(text)
    rest = text
    while found and found.end():
        if platform := _named(found.group()):
            return platform
        rest = rest[found.end() :]
        found = _LABEL.match(rest)
    return None if _hosts(text) else _named(text)


def _named(text: str) -> str | None:
    found = _PLATFORM.search(text)
    return found.lastgroup if found else None


def _unlabelled(text: str) -> str:
    """Return `text` without its leading labels; one without a colon goes only before a bare id."""
    while found := _LABEL.match(text):
        rest = text[found.end() :].strip()
        named = re.search(r"(?:号|ID)\s$", found.group(), re.IGNORECASE)  # 公众号 亳州发布
        clear = found.group("end").strip() or _BARE_ID.match(rest) or named
        if not found.end() or not rest or not clear:
            break
        text = rest
    return text
