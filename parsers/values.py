"""What is written in a cell of the form, as the contract's value of its field."""

import re
from collections.abc import Callable, Mapping

from parsers import form_labels
from parsers.identifiers import valid_mobile, valid_phone
from parsers.text import normalise, paragraphs, squash

_NOTHING = re.compile(
    r"[/\\|—–―－_\-.·…\s×]*|\(?(?:无|没有|暂无|空|不填|免填|不涉及|不适用|N/?A)[。.]?\)?", re.IGNORECASE
)
# Printed in the cell, or written by those who obey it; a recogniser's spellings included.
_NOT_FOR_ACCOUNTS = re.compile(
    r"[(\[]?\s*(?:此[栏项]|该[栏项])?\s*(?:[账帐賬][号號]|公众号|自媒体|网站)?\s*(?:不用?|无需|不需|不必|免|可不)\s*要?\s*[填埴塡慎](?:[写报]|$|(?=[)\]。\s]))\s*[)\]。]?"
)
_RULE = re.compile(r"_{3,}")
_ATTACHED = re.compile(
    r"(?:具体|详细|主要)?(?:情况|内容|材料)?(?:详|另|后|请)?[见附](?:后附|后|另)?(?:附?[页件表]|材料|后页|后)?[0-9一二三]?(?:材料)?|可?另附页|附后"
)
_EXTRA_PAGE = re.compile(
    r"[(（\[【]\s*可\s*另\s*附\s*[页頁]\s*[)）\]】]|^\s*可\s*另\s*附\s*[页頁]\s*$", re.MULTILINE
)
_WORDS_HINT = re.compile(r"^\s*[(（]\s*(?:限)?1500\s*字(?:以内|左右)?\s*[)）]\s*$", re.MULTILINE)
_POSTCODE = r"(?:邮\s*政\s*编\s*码|邮\s*编|邮\s*码)"
_LABELLED_CODE = re.compile(rf"[(（]?\s*{_POSTCODE}\s*[::]?\s*(?P<code>[0-9][0-9 ]*)?\s*[)）]?")
_ADDRESS_LABEL = re.compile(r"(?:通\s*[信讯]\s*地\s*址|联\s*系\s*地\s*址|地\s*址)\s*[::]\s*")
_SIX = r"(?<![0-9-])[0-9]{6}(?![0-9-])"
_MOST_TOKENS = 12  # of a cell with telephone numbers
_SHORTEST = 2  # signs of a 备案号 or 许可证号
_EDGES = " \t,，;；、/|.。:："


def is_nothing(text: str) -> bool:
    """Tell whether `text` only says that the cell is left empty: `/`, `无`, `——`, the printed hint."""
    return _NOTHING.fullmatch(normalise(_NOT_FOR_ACCOUNTS.sub("", normalise(text)))) is not None


def website_only(text: str) -> str | None:
    """Return a 备案号 or 许可证号 without the printed hint; None where the cell is left empty."""
    said = normalise(_NOT_FOR_ACCOUNTS.sub(" ", normalise(text)))
    return (
        None if is_nothing(text) or len(said) < _SHORTEST else said
    )  # one sign: the stroke through an empty cell


def plain(text: str) -> str | None:
    """Return the cell in NFKC, folded, without the rule it was written on; None where it is left empty."""
    return None if is_nothing(text) else normalise(_RULE.sub(" ", normalise(text))) or None


def postcode(text: str) -> str | None:
    return None if is_nothing(text) else squash(_LABELLED_CODE.sub(r"\g<code>", normalise(text))) or None


def numbers(text: str) -> str | None:
    """Return telephone numbers without spaces; two numbers keep a `/` between them."""
    if is_nothing(text):
        return None
    tokens = normalise(text).split(" ")
    return _joined(tokens) or None


def _joined(tokens: list[str]) -> str:
    """Return the tokens as one number, or as two where both halves are whole numbers."""
    whole = "".join(tokens)
    if valid_phone(whole) or len(tokens) > _MOST_TOKENS:
        return whole
    for cut in range(1, len(tokens)):
        head = "".join(tokens[:cut])
        if valid_phone(head) and valid_phone(tail := _joined(tokens[cut:])):
            return f"{head}/{tail}"
    return whole


def address_and_postcode(text: str) -> dict[str, str | None]:
    """Return the two values of the cell they share, in whatever order they stand in it."""
    lines = [normalise(line) for line in text.split("\n")]
    whole = "\n".join(line for line in lines if line)
    address, code = _labelled_code(whole)
    if code is None:
        address, code = _bare_code(address)
    address = re.sub(r"[(]\s*[)]", " ", _ADDRESS_LABEL.sub(" ", address))
    return {"address": plain(normalise(address).strip(_EDGES)), "postcode": code}


def _labelled_code(whole: str) -> tuple[str, str | None]:
    found = next((one for one in _LABELLED_CODE.finditer(whole)), None)
    if found is None:
        return whole, None
    code = squash(found.group("code") or "") or None
    rest = f"{whole[: found.start()]} {whole[found.end() :]}"
    return (rest, code) if code else _bare_code(rest)


def _bare_code(whole: str) -> tuple[str, str | None]:
    """Take six digits that stand apart: on a line, at the end, at the start, or in brackets."""
    for line in whole.split("\n"):
        digits = squash(line).strip(_EDGES)
        if re.fullmatch(r"[0-9]{4,8}", digits) and len(squash(whole)) > len(digits):
            return whole.replace(line, " ", 1), digits
    for pattern in (
        rf"[(]\s*({_SIX})\s*[)]",
        rf"({_SIX})\s*$",
        rf"^\s*({_SIX})",
        rf"({_SIX})(?![号室栋幢弄])",
    ):
        if found := re.search(pattern, whole):
            return f"{whole[: found.start()]} {whole[found.end() :]}", found.group(1)
    return (" ", squash(whole)) if re.fullmatch(r"[0-9]{6}", squash(whole)) else (whole, None)


def phone_and_mobile(text: str) -> dict[str, str | None]:
    """Return the numbers of a cell for both, told apart by their shape."""
    found = [one for one in re.split(r"[/、,;]", numbers(text) or "") if one]
    mobiles = [one for one in found if valid_mobile(one)]
    others = [one for one in found if not valid_mobile(one)]
    return {"phone": "/".join(others) or None, "mobile": "/".join(mobiles) or None}


def contact_and_phone(text: str) -> dict[str, str | None]:
    """Return a name and the numbers behind it, from one cell."""
    said = normalise(text)
    digits = re.search(r"[(]?\+?[0-9]", said)
    if digits is None:
        return {"contact": plain(said)}
    name = re.sub(r"(?:电话|手机)[::]?\s*$", "", said[: digits.start()])
    return {"contact": name.strip(" ,;:/、") or None, **phone_and_mobile(said[digits.start() :])}


def summary_of(text: str) -> tuple[str | None, str, bool]:
    """Return the value of one summary cell, the text that is counted, and whether it refers to a page."""
    kept = _WORDS_HINT.sub("", _EXTRA_PAGE.sub("", text))
    bare = re.sub(r"[\s()（）\[\]【】《》“”\"。.,，:：;；]", "", kept)
    if bare and _ATTACHED.fullmatch(bare):
        return None, "", True
    return paragraphs(kept) or None, kept, False


def without_label(key: str, text: str) -> str:
    """Return `text` without the label of its own field, which some write into the cell again."""
    if key == "identifier":  # its label may name the platform
        return text
    marks = form_labels.inline(text)
    own = bool(marks) and marks[0].key == key and not text[: marks[0].start].strip()
    colon = own and text[marks[0].end - 1] in form_labels.COLONS
    return text[marks[0].end :] if colon else text


# How each short field is read; free texts, the category and shared cells are read elsewhere.
SHORT: Mapping[str, Callable[[str], str | None]] = {
    "name": plain,
    "identifier": plain,
    "icp_number": website_only,
    "license_number": website_only,
    "organizer": plain,
    "address": plain,
    "postcode": postcode,
    "contact": plain,
    "phone": numbers,
    "mobile": numbers,
    "email": plain,
}
SHARED: Mapping[str, Callable[[str], dict[str, str | None]]] = {
    form_labels.ADDRESS_AND_POSTCODE: address_and_postcode,
    form_labels.CONTACT_AND_PHONE: contact_and_phone,
    form_labels.PHONE_AND_MOBILE: phone_and_mobile,
}
