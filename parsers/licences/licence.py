"""Certificates of who a unit is: which kind is printed, its name, credit code and address."""

import re
import unicodedata
from collections.abc import Sequence

import msgspec
from rapidfuzz.distance import Levenshtein

from parsers import lexicon, ocr
from parsers.documents import Honour, Qualification
from parsers.licences import honour, labels, layout, term, uscc

_KNOWN = re.compile(
    r"^(?:[一-鿿]{0,12}营业执照|[一-鿿]{0,10}法人(?:登记)?证书|社会(?:团体|服务机构|组织)(?:法人)?登记证书?"
    r"|民办非企业单位(?:法人)?登记证书?|基金会(?:法人)?登记证书?|慈善组织登记证书?|统一社会信用代码证书?)$"
)
_OTHER = re.compile(
    r"^[一-鿿]{0,20}(?:许可证|许可证书|资格证书?|登记证书?|代码证书?|执业证书?|备案证书?|备案凭证|身份证|资质证书?|批准书|证明书?"
    r"|授权书|委托书|注册证书?|聘书|记者证|工作证|结业证书|合格证书?)$"
)
_TRIM = re.compile(
    r"\((?:副本|正本|副\s*本|正\s*本|[一-鿿]{1,4}|\d+[-/]\d+)\)|副本$|正本$|^中华人民共和国|\d+[-/]\d+$|\(.*\)$"
)
_USUAL = (
    "营业执照",
    "事业单位法人证书",
    "社会团体法人登记证书",
    "民办非企业单位登记证书",
    "统一社会信用代码证书",
    "基金会法人登记证书",
)
_USUAL_OTHERS = (
    "食品经营许可证",
    "网络文化经营许可证",
    "增值电信业务经营许可证",
    "商标注册证",
    "组织机构代码证",
)
_ALWAYS = frozenset({"name", "address"})
_ROWS = 5  # labels with a value beside them: no account's page and no letterhead has so many
_NO_LETTER = re.compile(r"[^一-鿿]")
_TORN = 5  # letters: what is left of a usual title whose beginning was lost
_OLD = "组织机构代码证"
_TITLE_LENGTH = 24
_EVIDENCE = 2
_HEAD = 15  # lines: a title stands among the first
_LONGEST = 90  # lines: what has more is a report that mentions a certificate


def from_lines(lines: Sequence[str], confidence: float = 1.0) -> Qualification | Honour | None:
    """Return the certificate or honour that `lines` of text print; None if they are neither."""
    clean = tuple(line for line in map(folded, lines) if line)
    return from_labels(labels.Labels(lines=clean, values=labels.pairs(clean)), confidence)


def from_labels(page: labels.Labels, confidence: float = 1.0) -> Qualification | Honour | None:
    """Return the certificate or honour a page prints, its labels already paired with values."""
    if len(page.lines) > _LONGEST:
        return None
    titles = [title for title in map(_title, page.lines[:_HEAD]) if title]
    known = next((title for title in titles if _KNOWN.match(title)), None)
    code = uscc.find("\n".join(page.lines))
    evidence = len(page.values) + 2 * (code is not None)
    if known and evidence >= _EVIDENCE:
        return _qualification(page, known, code, confidence)
    given = honour.from_lines(page.rows or page.lines)
    if given:
        return given
    other = next((title for title in titles if _OTHER.match(title)), None)
    if (other and evidence >= 1) or _untitled(page, code):
        return _unrecognised(_qualification(page, other, code, confidence))
    return None


def _untitled(page: labels.Labels, code: str | None) -> bool:
    """Tell whether a page without a title that can be read has all else that a certificate prints."""
    return (
        code is not None and uscc.valid(code) and page.values.keys() >= _ALWAYS and len(page.values) >= _ROWS
    )


def from_page(page: Sequence[ocr.Line]) -> Qualification | Honour | None:
    """Return the certificate or honour that the recognised lines of one image print."""
    mended = [msgspec.structs.replace(line, text=lexicon.mend(folded(line.text))) for line in page]
    read = from_labels(layout.labelled(mended), 1.0)
    if isinstance(read, Qualification):
        return msgspec.structs.replace(read, confidence=_confidence(page, read))
    return read


def _confidence(page: Sequence[ocr.Line], read: Qualification) -> float:
    """Return the confidence of the least sure line that the name or code comes from."""
    values = [value for value in (read.name, read.uscc) if value]
    used = [line.confidence for value in values for line in bearing(page, value)]
    return round(min(used, default=0.0), 3)


def bearing(page: Sequence[ocr.Line], value: str) -> list[ocr.Line]:
    """Return the lines that `value` was read from."""
    return [line for line in page if _shares(line.text, value)]


def _shares(text: str, value: str) -> bool:
    bare = lexicon.mend(folded(text)).replace(" ", "")
    return len(bare) > 1 and (bare in value or value in bare)


def _unrecognised(read: Qualification) -> Qualification:
    return msgspec.structs.replace(read, recognised=False)


def _qualification(
    page: labels.Labels, document: str | None, code: str | None, confidence: float
) -> Qualification:
    text = "\n".join(page.rows or page.lines)
    valid = term.read(page.values.get("term", ""))
    if valid == term.Term():
        valid = term.somewhere(text)
    return Qualification(
        document=document,
        name=_closed(page.values.get("name")),
        uscc=code,
        address=page.values.get("address"),
        uscc_valid=None if code is None else uscc.valid(code),
        confidence=confidence,
        valid_from=valid.start,
        valid_until=valid.end,
        organisation_code=uscc.find_old(text) if code is None and document == _OLD else None,
    )


def _closed(name: str | None) -> str | None:
    """Return `name` with the closing bracket that was lost at its end."""
    lost = name is not None and name.count("(") == name.count(")") + 1
    return f"{name})" if lost else name


def _title(line: str) -> str | None:
    """Return `line` as a title, without 副本 and the state's name; None if it is too long for one."""
    bare = line.replace(" ", "")
    if len(bare) > _TITLE_LENGTH:
        return None
    title = _TRIM.sub("", bare)
    whole = [usual for usual in (*_USUAL, *_USUAL_OTHERS) if usual.endswith(title) and len(title) >= _TORN]
    misread = [usual for usual in (*_USUAL, *_USUAL_OTHERS) if labels.one_off(title, usual)]
    worn = [] if _KNOWN.match(title) or _OTHER.match(title) else _like(title)
    return next((usual for told in (whole, misread, worn) if len(told) == 1 for usual in told), title)


def _like(title: str) -> list[str]:
    """Return the usual titles that `title` is but for a quarter of their letters, one lost at most: an emblem lay over it."""
    letters = _NO_LETTER.sub("", title)
    return [
        usual
        for usual in (*_USUAL, *_USUAL_OTHERS)
        if len(letters) >= len(usual) - 1 and Levenshtein.distance(letters, usual) <= len(usual) // 4
    ]


def is_title(line: str) -> bool:
    """Tell whether a recognised line is the title of a certificate."""
    title = _title(lexicon.mend(folded(line)))
    return title is not None and bool(_KNOWN.match(title) or _OTHER.match(title))


def folded(line: str) -> str:
    """Return `line` NFKC-normalised, its space folded."""
    return " ".join(unicodedata.normalize("NFKC", line).split())
