"""Certificates of who a unit is, as drawn on paper and scanned, with what must be read on them."""

import io
import random
from collections.abc import Callable, Mapping

import msgspec
from PIL import Image, ImageDraw

from tests.build import fonts, names, ornaments, pdfs, sheet
from tests.build.facts import Applicant, chinese_date
from tests.build.scans import FLATBED, Scanner, jpeg, scan
from tests.build.seals import seal, stamp

INK = (40, 38, 36)


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate's file and facts; `recognised` is false for a kind that the notice does not name."""

    name: str
    data: bytes
    document: str
    holder: str
    uscc: str
    recognised: bool = True


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed: `rows` are labels with the text beside them, made from the applicant.

    `code` is the label of the code at the top, `issuer` stands in the seal, `foot` at the bottom.
    """

    title: str
    rows: Mapping[str, Callable[[Applicant], str]]
    issuer: str
    foot: str
    code: str = "统一社会信用代码"
    copy: str = "（副  本）"
    ground: tuple[int, int, int] = (253, 250, 240)
    border: tuple[int, int, int] = (176, 138, 72)
    square: bool = False  # a code like a QR code, top right
    recognised: bool = True


def _holder(who: Applicant) -> str:
    return who.fields.organizer or ""


def _seat(who: Applicant) -> str:
    return who.fields.address or ""


def _head(who: Applicant) -> str:
    return names.PEOPLE[len(_holder(who)) % len(names.PEOPLE)]


def _fixed(text: str) -> Callable[[Applicant], str]:
    return lambda _who: text


BUSINESS_ROWS: Mapping[str, Callable[[Applicant], str]] = {
    "名称": _holder,
    "类型": _fixed("有限责任公司(自然人投资或控股)"),
    "法定代表人": _head,
    "注册资本": _fixed("伍佰万圆整"),
    "成立日期": _fixed("2016年03月18日"),
    "住所": _seat,
    "经营范围": _fixed(
        "互联网信息服务；广告设计、制作、代理、发布；文化艺术交流活动策划；网络技术开发、技术咨询、技术服务。"
    ),
}
PATTERNS: Mapping[str, Pattern] = {
    "营业执照": Pattern(
        title="营业执照",
        rows=BUSINESS_ROWS,
        issuer="亳州市市场监督管理局",
        foot="国家市场监督管理总局监制",
        square=True,
    ),
    "事业单位法人证书": Pattern(
        title="事业单位法人证书",
        rows={
            "名称": _holder,
            "宗旨和业务范围": _fixed("为社会公众提供公益服务，承担相关公共文化与信息服务工作。"),
            "住所": _seat,
            "法定代表人": _head,
            "经费来源": _fixed("财政补助（全额预算）"),
            "开办资金": _fixed("￥126万元"),
            "举办单位": _fixed("亳州市人民政府"),
            "有效期": _fixed("自2021年04月01日 至2026年03月31日"),
        },
        issuer="亳州市事业单位登记管理局",
        foot="国家事业单位登记管理局监制",
        ground=(250, 247, 250),
        border=(150, 60, 60),
    ),
    "社会团体法人登记证书": Pattern(
        title="社会团体法人登记证书",
        rows={
            "名称": _holder,
            "业务范围": _fixed("公益活动、理论研究、业务培训、咨询服务。"),
            "住所": _seat,
            "法定代表人": _head,
            "注册资金": _fixed("叁万元整"),
            "活动地域": _fixed("亳州市"),
            "业务主管单位": _fixed("亳州市文学艺术界联合会"),
            "有效期限": _fixed("自2020年06月01日至2025年05月31日"),
        },
        issuer="亳州市民政局",
        foot="中华人民共和国民政部制",
        ground=(248, 251, 246),
        border=(80, 120, 90),
    ),
    "民办非企业单位登记证书": Pattern(
        title="民办非企业单位登记证书",
        rows={
            "名称": _holder,
            "业务范围": _fixed("社会工作服务、公益项目策划与实施、志愿者培训。"),
            "住所": _seat,
            "法定代表人": _head,
            "开办资金": _fixed("伍万元整"),
            "业务主管单位": _fixed("亳州市民政局"),
            "有效期限": _fixed("自2019年09月10日至2024年09月09日"),
        },
        issuer="亳州市民政局",
        foot="中华人民共和国民政部制",
        ground=(247, 249, 252),
        border=(70, 100, 150),
    ),
    "统一社会信用代码证书": Pattern(
        title="统一社会信用代码证书",
        rows={
            "机构名称": _holder,
            "机构性质": _fixed("机关"),
            "机构地址": _seat,
            "负责人": _head,
            "赋码机关": _fixed("中共亳州市委机构编制委员会办公室"),
        },
        issuer="中共亳州市委机构编制委员会办公室",
        foot="中央机构编制委员会办公室监制",
        copy="",
        border=(170, 60, 50),
    ),
    "食品经营许可证": Pattern(
        title="食品经营许可证",
        code="社会信用代码",
        rows={
            "经营者名称": _holder,
            "法定代表人": _head,
            "住所": _seat,
            "主体业态": _fixed("餐饮服务经营者"),
            "经营项目": _fixed("热食类食品制售；冷食类食品制售"),
            "许可证编号": _fixed("JY23416020012345"),
            "有效期至": _fixed("2026年05月20日"),
        },
        issuer="亳州市市场监督管理局",
        foot="国家市场监督管理总局监制",
        border=(90, 130, 70),
        recognised=False,
    ),
}


def certificate(
    who: Applicant, kind: str = "", *, portrait: bool = False, scanner: Scanner = FLATBED
) -> Certificate:
    """Return the certificate of `who` (or one of another `kind`) as a JPEG some 1,200 pixels long."""
    pattern = PATTERNS[kind or who.document]
    page = draw(who, pattern, (900, 1260) if portrait else (1260, 890))
    return _certified(who, pattern, f"{pattern.title}.jpg", jpeg(scan(page, scanner), scanner))


def as_png(who: Applicant, kind: str = "", *, portrait: bool = False) -> Certificate:
    """Return the certificate as a clean PNG."""
    pattern = PATTERNS[kind or who.document]
    buffer = io.BytesIO()
    draw(who, pattern, (900, 1260) if portrait else (1260, 890)).save(buffer, "PNG")
    return _certified(who, pattern, f"{pattern.title}.png", buffer.getvalue())


def as_pdf(who: Applicant, kind: str = "", *, scanner: Scanner = FLATBED) -> Certificate:
    """Return the certificate as a PDF that holds nothing but its scan."""
    made = certificate(who, kind, scanner=scanner)
    return msgspec.structs.replace(made, name=f"{made.document}.pdf", data=pdfs.scanned((made.data,)))


def as_text_pdf(who: Applicant, kind: str = "") -> Certificate:
    """Return an electronic certificate: a PDF with a text layer, as offices download them."""
    pattern = PATTERNS[kind or who.document]
    marks: list[sheet.Rule | sheet.Word | sheet.Stamp] = [
        sheet.Word((sheet.PAGE[0] - sheet.width(pattern.title, 30)) / 2, 110, 30, pattern.title),
        sheet.Word(80, 165, 13, f"{pattern.code}：{who.uscc}"),
    ]
    y = 205.0
    for label, text in pattern.rows.items():
        marks.append(sheet.Word(80, y, 13, label))
        for line in sheet.wrap(text(who), 330, 13):
            marks.append(sheet.Word(190, y, 13, line))
            y += 22
        y += 6
    marks += [sheet.Word(340, 640, 13, f"登记机关：{pattern.issuer}"), sheet.Stamp(450, 640, pattern.issuer)]
    return _certified(who, pattern, f"电子{pattern.title}.pdf", pdfs.draw((tuple(marks),)))


def draw(who: Applicant, pattern: Pattern, size: tuple[int, int]) -> Image.Image:
    """Return the certificate on its printed ground, sealed by its issuer."""
    wide, high = size
    rng = random.Random(f"licence {who.uscc} {pattern.title}")
    page = ornaments.ground(size, pattern.ground, pattern.border)
    pen = ImageDraw.Draw(page)
    ornaments.emblem(page, (wide // 2, int(high * 0.125)), int(min(size) * 0.075))
    tall = _title(pen, pattern, size)
    tall = _code(page, pen, who, pattern, tall)
    step = int(min(size) * 0.033)
    room = int(wide * (0.52 if wide > high else 0.78)) - 2 * step
    for label, text in pattern.rows.items():
        tall = _row(pen, (int(wide * 0.11), tall), (label, text(who)), (step, room))
    _signed(page, pen, pattern, rng)
    return page


def _title(pen: ImageDraw.ImageDraw, pattern: Pattern, size: tuple[int, int]) -> int:
    wide, high = size
    large = int(min(wide * 0.6 / len(pattern.title), min(size) * 0.085))
    y = int(high * 0.21) + large // 2
    _centred(
        pen, (wide // 2, y), "  ".join(pattern.title) if len(pattern.title) == 4 else pattern.title, large
    )
    if pattern.copy:
        _centred(pen, (wide // 2, y + large), pattern.copy, int(large * 0.42))
    return y + int(large * (1.5 if pattern.copy else 1))


def _code(page: Image.Image, pen: ImageDraw.ImageDraw, who: Applicant, pattern: Pattern, tall: int) -> int:
    wide, high = page.size
    size = int(min(page.size) * 0.03)
    if not pattern.square:
        _centred(pen, (wide // 2, tall), f"{pattern.code}  {who.uscc}", size)
        return tall + int(size * 1.8)
    left, top = int(wide * 0.11), int(high * 0.125)
    _text(pen, (left, top), pattern.code, size)
    _text(pen, (left, top + int(size * 1.5)), who.uscc, size)
    side = int(min(page.size) * 0.13)
    ornaments.square_code(page, (int(wide * 0.89) - side, int(high * 0.12)), side, who.uscc)
    return tall + size


def _row(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], pair: tuple[str, str], measure: tuple[int, int]
) -> int:
    """Write one label, spread over five signs, and its text beside it; return where the next row starts."""
    (left, top), (label, text), (size, room) = at, pair, measure
    span = 5 * size
    if len(label) <= 5:
        gap = (span - len(label) * size) / max(1, len(label) - 1)
        for place, sign in enumerate(label):
            _text(pen, (int(left + place * (size + gap)), top), sign, size, (120, 90, 60))
    else:
        _text(pen, (left, top), label, int(span / len(label)) + 1, (120, 90, 60))
    for line in sheet.wrap(text, room, size):
        _text(pen, (left + span + size, top), line, size)
        top += int(size * 1.45)
    return top + int(size * 0.35)


def _signed(page: Image.Image, pen: ImageDraw.ImageDraw, pattern: Pattern, rng: random.Random) -> None:
    wide, high = page.size
    size = int(min(page.size) * 0.03)
    x, y = int(wide * (0.78 if wide > high else 0.74)), int(high * 0.83)
    _text(pen, (x - 3 * size, y - size), "登记机关", size)
    day = chinese_date(f"{rng.randrange(2018, 2022)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 28):02d}")
    _text(pen, (x - 3 * size, y + size), day, size)
    _centred(pen, (wide // 2, int(high * 0.945)), pattern.foot, int(size * 0.7))
    stamp(page, seal(pattern.issuer, int(min(page.size) * 0.19)), (x + size, y), rng)


def _text(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, fill: tuple[int, int, int] = INK
) -> None:
    pen.text(at, text, font=fonts.sized(size), fill=fill, anchor="lm", language=fonts.LANGUAGE)


def _centred(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int) -> None:
    pen.text(at, text, font=fonts.sized(size), fill=INK, anchor="mm", language=fonts.LANGUAGE)


def _certified(who: Applicant, pattern: Pattern, name: str, data: bytes) -> Certificate:
    return Certificate(
        name=name,
        data=data,
        document=pattern.title,
        holder=_holder(who),
        uscc=who.uscc,
        recognised=pattern.recognised,
    )
