"""Certificates and plaques of honour, told by their title and by the words that confer them."""

import re
from collections.abc import Sequence

from parsers.documents import Honour

_TITLES = (
    "荣誉证书",
    "荣誉证",
    "荣誉牌",
    "奖状",
    "获奖证书",
    "获奖证",
    "奖牌",
    "表彰证书",
    "嘉奖令",
    "喜报",
    "荣誉奖牌",
)
_TITLE = re.compile(r"^(?:%s)$" % "|".join(_TITLES))  # noqa: UP031 -- braces would hide the pattern
_WON = "奖|单位|账号|平台|网站|个人|集体|作品|案例"
_CONFERS = re.compile(
    r"(?:授予|被评为|评为|评选为|被评选为|荣获|获得|荣膺|被授予|荣列|入选|获)"
    r"[^“\"《。]{0,40}?[“\"《](?P<quoted>[^”\"》]{2,60})[”\"》]"
    rf"(?P<tail>[一-鿿]{{0,8}}?(?:{_WON}))?"
    rf"|(?:授予|被评为|评为|评选为|荣获|荣膺|获得)(?P<plain>[^。,;“”\"]{{2,50}}?(?:称号|{_WON}))"
)
_WHOM = re.compile(r"^(?:你|您|贵|该)(?:单位|公司|校|院|会|同志)?")
_THANKS = re.compile(r"特发此[证牌状]|以资鼓励|特此表彰|特此鼓励|特颁此证|特授此牌")
_AWARD = re.compile(
    r"先进|优秀|示范|文明|十佳|百佳|最佳|标兵|先锋|模范|一等奖|二等奖|三等奖|特等奖|创新奖|最具影响力|满意"
)
_DATE = re.compile(r"([12]\d{3}|[一二][〇○零OoΟ0一二三四五六七八九]{3})\s*年")
_ISSUER = re.compile(
    r"(?:委员会|委|局|办公室|办|部|政府|协会|学会|中心|联合会|组委会|集团|公司|报社|台|指导委员会|厅|处|领导小组)$"
)
_CHINESE = {**dict.fromkeys("〇○零OoΟ0", "0"), **dict(zip("一二三四五六七八九", "123456789", strict=True))}
_EVENT = re.compile(r"主办|承办|协办|仪式|典礼|启动|论坛|报名|扫码")
_WON_LAST = re.compile(rf"(?:{_WON}|号|媒体|称号)[”\"]?$")
_GIVES = re.compile(r"^(?:主办|颁发|颁奖|授予|授牌|评选|发证)(?:单位|机关)?[::]")
_PLAQUE_LINES = 6
_LONGEST = 600  # letters: what says more is a report that mentions honours


def from_lines(lines: Sequence[str]) -> Honour | None:
    """Return the honour that NFKC-normalised, folded `lines` print; None if they print none."""
    bare = [line.replace(" ", "") for line in lines]
    text = "".join(bare)
    printed = next((line for line in bare if _TITLE.match(line)), None)
    confers = _CONFERS.search(text)
    if len(text) > _LONGEST:
        return None
    certificate = printed is not None and bool(confers or _THANKS.search(text) or _date(bare))
    if not certificate and not (confers and _THANKS.search(text)) and not _plaque(bare):
        return None
    return Honour(title=_title(bare, printed), issuer=_issuer(bare), year=_date(bare))


def _title(bare: Sequence[str], printed: str | None) -> str | None:
    confers = _CONFERS.search("".join(bare))
    if confers:
        if confers["tail"]:
            return f"“{confers['quoted']}”{confers['tail']}"
        return confers["quoted"] or _WHOM.sub("", confers["plain"]).removesuffix("称号")
    award = next((line for line in bare if _AWARD.search(line) and not _ISSUER.search(line)), None)
    return award or printed


def headed_only(found: Honour) -> bool:
    """Tell whether `found` has no title but the heading of every such certificate: what was won was not read."""
    return found.title is None or bool(_TITLE.match(found.title))


def _issuer(bare: Sequence[str]) -> str | None:
    said = (line for line in reversed(bare) if _ISSUER.search(line) and not _CONFERS.search(line))
    issuer = next(said, None)
    return issuer and _GIVES.sub("", issuer)


def _date(bare: Sequence[str]) -> int | None:
    """Return the year the honour is dated: the last year that is printed."""
    years = _DATE.findall("\n".join(bare))
    if not years:
        return None
    return int("".join(_CHINESE.get(digit, digit) for digit in years[-1]))


def _plaque(bare: Sequence[str]) -> bool:
    """Say whether few words name an award, who gave it and when, as a plaque does and an event's banner does not."""
    award = any(_AWARD.search(line) for line in bare[:2])
    banner = any(map(_EVENT.search, bare)) and not any(map(_WON_LAST.search, bare[:2]))
    told = award and bool(_issuer(bare)) and _date(bare[-2:]) is not None
    return len(bare) <= _PLAQUE_LINES and told and not banner
