"""The words of the scenario files: cells of the form, kinds of units, pieces of material and what they may say."""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import NamedTuple

import msgspec
from stdnum.cn import uscc

from intake.labels import FIELDS
from storage.model import Fields
from tests.build import archives, facts, forms, licences, pdfs, pictures, scans, work
from tests.build.facts import Applicant
from tests.build.grid import Look
from tests.build.work import Video, Work

CELLS = {
    "名称": "name",
    "账号ID": "identifier",
    "域名": "identifier",
    "类别": "category",
    "其他类型": "category_other",
    "备案号": "icp_number",
    "经营许可证号": "license_number",
    "主办单位": "organizer",
    "地址": "address",
    "邮编": "postcode",
    "联系人": "contact",
    "电话": "phone",
    "手机": "mobile",
    "邮箱": "email",
    "主要情况": "summary",
    "推荐意见": "recommendation",
    "县区意见": "county_opinion",
    "县区意见日期": "county_opinion_date",
}
assert set(CELLS.values()) <= set(FIELDS)
NATURES = {
    "事业单位": "institution",
    "机关": "agency",
    "企业": "company",
    "社会团体": "society",
    "民办非企业": "non-profit",
    "个人": "person",
}
File = tuple[str, bytes]


class Item(NamedTuple):
    """A piece of material as written: `工作材料@4（1501字，2图）` is of unit 4."""

    kind: str
    unit: int | None
    options: Mapping[str, str]


Maker = Callable[[Applicant, Mapping[str, str]], File]
_ITEM = re.compile(r"(?P<kind>[^@（）]+)(?:@(?P<unit>\d+))?(?:（(?P<options>[^（）]*)）)?")
_OPTION = re.compile(r"(?P<value>\d+)(?P<unit>字|图|秒|线|号|枚)|(?P<key>[^：\d]+?)(?:：(?P<text>.+))?")


def item(written: str) -> Item:
    """Return what `written` names; raises ValueError, in Chinese, for what is no material."""
    found = _ITEM.fullmatch(written)
    if found is None or found["kind"] not in MAKERS:
        raise ValueError(f"没有“{written}”这种材料（可用：{'、'.join(MAKERS)}）")
    options = dict(map(_option, filter(None, re.split(r"[，,]", found["options"] or ""))))
    if strange := options.keys() - OPTIONS.get(found["kind"], frozenset()) - {"文件名"}:
        raise ValueError(f"“{found['kind']}”没有“{'、'.join(sorted(strange))}”这种写法")
    return Item(found["kind"], int(found["unit"]) if found["unit"] else None, options)


def file_of(one: Item, who: Applicant) -> File:
    """Return the file of one piece of material of `who`."""
    name, data = MAKERS[one.kind](who, one.options)
    return one.options.get("文件名", name), data


def _option(text: str) -> tuple[str, str]:
    found = _OPTION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"看不懂“{text}”")
    return (found["unit"], found["value"]) if found["unit"] else (found["key"], found["text"] or "")


def _form(who: Applicant, options: Mapping[str, str]) -> File:
    changed = {CELLS[key]: value for key, value in options.items() if key in CELLS}
    fields = msgspec.structs.replace(who.fields, **changed)
    return f"{who.fields.name}申报表.docx", forms.docx(msgspec.structs.replace(who, fields=fields)).data


def _scan(who: Applicant, options: Mapping[str, str]) -> File:
    """Return the form as a scanned page with so many seals in the unit's cell; its summary fits on the page."""
    stamps = {"recommendation": number} if (number := int(options.get("枚", 0))) else {}
    short = msgspec.structs.replace(who.fields, summary="坚持正确政治方向，服务群众。")
    made = scans.form_jpeg(msgspec.structs.replace(who, fields=short), Look(stamps=stamps))
    return made.name, made.data


def _pdf(who: Applicant, options: Mapping[str, str]) -> File:
    stamps = {"recommendation": number} if (number := int(options.get("枚", 0))) else {}
    made = pdfs.form(who, Look(stamps=stamps))
    return made.name, made.data


@cache
def _text(words: int, shown: int, seed: int) -> bytes:
    return work.docx(Work(words=words, pictures=shown, seed=seed))


def _work(_who: Applicant, options: Mapping[str, str]) -> File:
    numbers = [int(options.get(key, default)) for key, default in (("字", 600), ("图", 3), ("号", 1))]
    return "工作材料.docx", _text(*numbers)


@cache
def _film(seconds: int, lines: int, suffix: str, fourcc: str) -> bytes:
    return work.video(
        Video(seconds=seconds, width=lines * 4 // 3, height=lines, suffix=suffix, fourcc=fourcc)
    )


def _video(_who: Applicant, options: Mapping[str, str]) -> File:
    suffix, fourcc = (".avi", "MJPG") if "AVI" in options else (".mp4", "mp4v")
    made = _film(int(options.get("秒", 4)), int(options.get("线", 480)), suffix, fourcc)
    return f"工作视频{suffix}", made


@cache
def _certificate(holder: str, seat: str, code: str, kind: str) -> File:
    who = Applicant(
        fields=Fields(organizer=holder, address=seat),
        kind="account",
        platform=None,
        unit="",
        document=kind,
        uscc=code,
    )
    made = licences.as_text_pdf(who)
    return made.name, made.data


def _licence(who: Applicant, options: Mapping[str, str], kind: str = "") -> File:
    """Return the certificate; 名称, 住所 and 区划 say otherwise than the form, 代码错 has a wrong check digit."""
    return _certificate(
        options.get("名称", who.fields.organizer or ""),
        options.get("住所", who.fields.address or ""),
        _code(who.uscc, options),
        kind or who.document,
    )


def _code(code: str, options: Mapping[str, str]) -> str:
    if "代码错" in options:
        return facts.wrong_uscc(code)
    if division := options.get("区划"):
        stem = code[:2] + division + code[8:17]
        return stem + str(uscc.calc_check_digit(stem))
    return options.get("代码", code)


def _photo(_who: Applicant, options: Mapping[str, str]) -> File:
    number = int(options.get("号", 1))
    return f"照片{number}.jpg", _shot(number)


@cache
def _shot(number: int) -> bytes:
    return pictures.photo(700 + number, size=(720, 480))


def _fixed(name: str, make: Callable[[], bytes]) -> Maker:
    return lambda _who, _options: (name, make())


def _broken() -> bytes:
    return archives.truncated(_text(600, 3, 1))


def _locked() -> bytes:
    return archives.locked((("工作材料.docx", b"x" * 64),))


MAKERS: Mapping[str, Maker] = {
    "申报表": _form,
    "申报表扫描件": _scan,
    "申报表PDF": _pdf,
    "工作材料": _work,
    "视频": _video,
    "照片": _photo,
    "资质证明": _licence,
    "营业执照": partial(_licence, kind="营业执照"),
    "事业单位法人证书": partial(_licence, kind="事业单位法人证书"),
    "统一社会信用代码证书": partial(_licence, kind="统一社会信用代码证书"),
    "社会团体法人登记证书": partial(_licence, kind="社会团体法人登记证书"),
    "食品经营许可证": partial(_licence, kind="食品经营许可证"),
    "损坏的文档": _fixed("补充材料.docx", _broken),
    "加密的压缩包": _fixed("材料.zip", _locked),
    "越界的压缩包": _fixed("材料.zip", archives.climbing),
    "程序": _fixed("申报工具.exe", lambda: b"MZ" + bytes(600)),
    "数据库文件": _fixed("数据.mdb", lambda: b"\x00\x01\x00\x00Standard Jet DB\x00" + bytes(600)),
    "说明文本": _fixed("说明.txt", "材料清单：申报表、工作材料、资质证明。".encode),
}
OPTIONS: Mapping[str, frozenset[str]] = {
    "申报表": frozenset(CELLS),
    "申报表扫描件": frozenset({"枚"}),
    "申报表PDF": frozenset({"枚"}),
    "工作材料": frozenset({"字", "图", "号"}),
    "视频": frozenset({"秒", "线", "AVI"}),
    "照片": frozenset({"号"}),
    **{
        kind: frozenset({"名称", "住所", "区划", "代码", "代码错"})
        for kind, make in MAKERS.items()
        if kind.endswith(("证明", "证书", "执照", "许可证"))
    },
}
