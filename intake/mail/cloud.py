"""Cloud attachments (超大附件, 云附件): links that stand in a mail in place of a file. They are never followed."""

import html as markup
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import islice

from parsers.documents import Facts, Link, Other

_URL = re.compile(r"(?i)https?://[^\s\"'<>]+")
_CLOUD = re.compile(
    r"(?i)ftnExs_download|ftn_download|large-attachment-download|mail\.189\.cn/.*(?:download|attach)"
    r"|wx\.mail\.qq\.com/ftn|mail\.sina\.com\.cn/.*(?:netdisk|down)|cloudattach|bigattach"
)
_SILENT = re.compile(r"(?i)<(/?)(script|style)\b")
_LONGEST_URL = 2000  # characters; also of a name
_MOST = 100  # files that one mail may announce
_MARK = r"QQMailBigAttach|qqmailbgattach|divNeteaseBigAttach"
_BLOCK = re.compile(rf"(?i){_MARK}|超大附件|云附件")
_ENDINGS = (
    "docx?|wps|pdf|xlsx?|pptx?|zip|rar|7z|mp4|mov|avi|wmv|flv|mkv|mpe?g|jpe?g|png|tiff?|bmp|heic|ofd|et|txt"
)
_WORD = re.compile(r"[^\s<>\"'|/\\:：\x01\x02\x03]+")
_NAMED = re.compile(rf"(.+\.(?:{_ENDINGS}))(?![0-9A-Za-z])", re.IGNORECASE)
_SHOWN = re.compile(r"\x01([^\x02]*)\x02")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG])i?B?(?![A-Za-z])", re.IGNORECASE)
_DATE = r"(20\d\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})\s*日?\s*(?:(\d{1,2})[:：](\d{2}))?"
_EXPIRES = (
    re.compile(rf"{_DATE}(?::\d\d)?\s*(?:到期|过期|失效|前有效|之前有效|前下载)"),
    re.compile(rf"(?:有效期|到期时间|过期时间|失效时间|截止时间)\D{{0,6}}?{_DATE}"),
)
_EXPIRES_AT = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?: (\d{2}):(\d{2}))?")
_ENDLESS = re.compile(r"无限期|永久有效|永不过期")

ENDING = ".链接.txt"
_HEAD = "超大附件（云附件）的链接：文件本身没有随邮件发来"
_LINES = ("文件名：", "大小：", "有效期至：", "链接：")


def links(html: str, text: str) -> tuple[Link, ...]:
    """Return each cloud link of a mail with what the mail says of it: its file's name, size and expiry.

    `text` are the visible words of `html`, or those of a mail without HTML.
    """
    if not any(map(_cloud, _URL.findall(html or text))) and not re.search(rf"(?i){_MARK}", html):
        return ()
    shown = _flat(html) if html else _marked(text)
    announced = _BLOCK.search(shown)
    block = shown[announced.start() :] if announced else shown
    named = list(_entries(block))
    loose = [Link(url=url) for url in _SHOWN.findall(block)] or [
        Link(url=url) for url in _SHOWN.findall(shown)
    ]
    return _distinct(named or loose)


def written(link: Link) -> str:
    """Return `link` as the text that is kept in place of its file, for people to read."""
    values = (link.name, link.size, link.expires, link.url)
    return "\n".join([_HEAD, *(f"{label}{value}" for label, value in zip(_LINES, values, strict=True)), ""])


def facts_in(data: bytes) -> Facts | None:
    """Return the facts of what `written` wrote; None for anything else."""
    head, *lines = data.decode(errors="replace").splitlines() or [""]
    if head != _HEAD or [line[: len(label)] for line, label in zip(lines, _LINES, strict=False)] != [*_LINES]:
        return None
    name, size, expires, url = (line.partition("：")[2] for line in lines[: len(_LINES)])
    return facts_of(Link(name=name, size=size, expires=expires, url=url))


def facts_of(link: Link) -> Facts:
    return Facts(reader="link", parts=(Other(note="超大附件链接", link=link),))


def _flat(html: str) -> str:
    """Return the words of `html` with each cloud link, between two marks, where it stands; a third ends it."""
    kept, silent = [], ""
    for piece in re.split(r"(<[^<>]*>)", html):
        opened = _SILENT.match(piece)
        if silent or opened:
            silent = "" if opened and opened[1] and opened[2].lower() == silent else silent
            silent = opened[2].lower() if opened and not opened[1] and not silent else silent
        else:
            kept.append(_links_in(piece) if piece.startswith("<") else _marked(markup.unescape(piece)))
    return "".join(kept)


def _cloud(url: str) -> bool:
    return len(url) <= _LONGEST_URL and _CLOUD.search(url) is not None


def _marked(text: str) -> str:
    return _URL.sub(lambda found: f"\x01{found[0]}\x02\x03" if _cloud(found[0]) else found[0], text)


def _links_in(tag: str) -> str:
    url = next(filter(_cloud, _URL.findall(tag)), None)
    if tag.lower() == "</a>":
        return "\x03"
    kept = "".join(_BLOCK.findall(tag))
    return (f" \x01{markup.unescape(url)}\x02" if url else " ") + kept + " "


def _entries(block: str) -> Iterator[Link]:
    """Yield a link for each file that `block` names; its link stands around its name, or behind it."""
    names = list(islice((found for found in _names(block) if not _inside(block, found.start())), _MOST))
    head = block[: names[0].start()] if names else ""
    for number, found in enumerate(names):
        until = names[number + 1].start() if number + 1 < len(names) else len(block)
        after = block[found.end() : until]
        about = _SHOWN.sub(" ", after)
        before = _SHOWN.findall(block[: found.start()])
        around = re.search(r"\x01([^\x02]*)\x02[^\x03]*$", block[: found.start()])
        behind = _SHOWN.findall(after)
        url = around[1] if around else (behind or before[-1:] or [""])[0]
        if around or behind or _size(about):  # another name in the same lines is one of a real attachment
            yield Link(name=found[1], size=_size(about), expires=_expiry(about) or _expiry(head), url=url)


def _names(block: str) -> Iterator[re.Match[str]]:
    for word in _WORD.finditer(block):
        place = word.start() if len(word[0]) <= _LONGEST_URL else word.end()
        while found := _NAMED.match(block, place, word.end()):
            yield found
            place = found.end()


def _inside(block: str, place: int) -> bool:
    """Say whether `place` lies within a link, where a name is only a part of an address."""
    return block.rfind("\x01", 0, place) > block.rfind("\x02", 0, place)


def _size(text: str) -> str:
    found = _SIZE.search(text)
    return f"{found[1]}{found[2].upper()}B" if found else ""


def _expiry(text: str) -> str:
    found = next(filter(None, (each.search(text) for each in _EXPIRES)), None)
    if found is None:
        return "不限期" if _ENDLESS.search(text) else ""
    year, month, day, hour, minute = found.groups()
    clock = f" {int(hour):02d}:{minute}" if hour else ""
    return f"{year}年{int(month)}月{int(day)}日{clock}"


def expires_at(link: Link, local: tzinfo) -> datetime | None:
    """Return when `link` ends, a day without an hour at its end; None where it says nothing or never ends."""
    found = _EXPIRES_AT.fullmatch(link.expires)
    if found is None:
        return None
    year, month, day, hour, minute = (int(one) if one else None for one in found.groups())
    try:
        start = datetime(year or 0, month or 0, day or 0, hour or 0, minute or 0, tzinfo=local)
    except ValueError:
        return None
    return start if hour is not None else start + timedelta(days=1)


def _distinct(found: Iterable[Link]) -> tuple[Link, ...]:
    """Return the links, each file once: a name is often shown beside its download button, or quoted again."""
    kept: dict[tuple[str, str], Link] = {}
    for link in found:
        kept.setdefault((link.name, link.url if not link.name else ""), link)
    return tuple(kept.values())


def names(found: Sequence[Link]) -> tuple[str, ...]:
    """Return what each link is called: its file's name, or the link where none stands."""
    return tuple(link.name or link.url for link in found)
