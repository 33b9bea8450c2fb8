"""Certificates, honours and what is neither, as offices send them: scanned, photographed, copied, seen from afar."""

import io
import random

import cv2
import msgspec
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from parsers.ocr import Image
from tests.build import fonts, honours, licences, names, ornaments, pictures
from tests.build.facts import Applicant, applicant
from tests.build.licences import PATTERNS, Pattern
from tests.build.seals import seal, stamp

UNITS = ("company", "company", "institution", "agency", "society", "non-profit")
PAPERS = (
    (254, 250, 238),
    (250, 247, 250),
    (248, 251, 246),
    (255, 255, 255),
    (244, 248, 255),
    (255, 246, 236),
)
INKS = ((176, 138, 72), (150, 60, 60), (80, 120, 90), (70, 100, 150), (190, 40, 40))
DESKS = ((70, 95, 120), (150, 160, 165), (40, 45, 50), (190, 200, 205), (90, 70, 60))
HONOURS = (
    ("网络文明建设先进单位", "中共亳州市委宣传部"),
    ("优秀政务新媒体", "亳州市精神文明建设指导委员会"),
    ("年度十佳政务微信公众号", "亳州市互联网信息办公室"),
    ("青年文明号", "共青团亳州市委员会"),
    ("全市短视频大赛一等奖", "亳州市文化旅游体育局"),
    ("最具影响力政务账号", "安徽省互联网协会"),
    ("志愿服务优秀组织奖", "亳州市志愿服务联合会"),
)
VIEWS = ("scan", "photo", "photo", "turned", "glare", "far", "copy")


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as it came, how it was taken (`view`), and what must be read: its type and that type's facts."""

    data: bytes
    view: str
    type: str
    what: str
    name: str = ""
    uscc: str = ""
    title: str = ""
    issuer: str = ""
    year: int = 0


def certificate(seed: int) -> Paper:
    """Return the certificate of `seed`, whichever of the kinds that serve it is."""
    rng = random.Random(f"certificate {seed}")
    who = applicant(seed + 5000, unit=rng.choice(UNITS), county=rng.choice([None, *names.COUNTIES]))
    pattern = _dressed(PATTERNS[who.document], rng)
    page = licences.draw(who, pattern, (900, 1260) if rng.random() < 0.35 else (1260, 890))
    if rng.random() < 0.3:
        _stamped_over(page, who, rng)
    view = rng.choice(VIEWS)
    return Paper(
        data=_taken(page, view, rng),
        view=view,
        type="qualification",
        what=PATTERNS[who.document].title,
        name=who.fields.organizer or "",
        uscc=who.uscc,
    )


def honour(seed: int) -> Paper:
    """Return the certificate or plaque of `seed`."""
    rng = random.Random(f"honour {seed}")
    who = applicant(seed + 6000, unit=rng.choice(UNITS))
    title, issuer = rng.choice(HONOURS)
    year = rng.randrange(2015, 2022)
    drawn = _plaque if rng.random() < 0.4 else _award
    page = drawn(who, (title, issuer, year), rng)
    view = rng.choice(VIEWS)
    return Paper(
        data=_taken(page, view, rng),
        view=view,
        type="honour",
        what=drawn.__name__.strip("_"),
        title=title,
        issuer=issuer,
        year=year,
    )


def other(seed: int) -> Paper:
    """Return a picture of the case, a screenshot, a poster or an identity card."""
    rng = random.Random(f"other {seed}")
    what, drawn = rng.choice(list(_OTHERS.items()))
    view = rng.choice(("scan", "photo")) if what in ("poster", "code", "card") else "scan"
    return Paper(data=_taken(drawn(rng), view, rng), view=view, type="picture", what=what)


def _dressed(pattern: Pattern, rng: random.Random) -> Pattern:
    copies = (pattern.copy, "（副  本）", "（正  本）", "（副本）1-1", "") if pattern.copy else ("",)
    colon = rng.choice(("", "", "："))
    return msgspec.structs.replace(
        pattern,
        ground=rng.choice(PAPERS),
        border=rng.choice(INKS),
        copy=rng.choice(copies),
        rows={label + colon: text for label, text in pattern.rows.items()},
    )


def _stamped_over(page: Pillow.Image, who: Applicant, rng: random.Random) -> None:
    """Press the unit's own seal over the rows, as on a copy that is 与原件一致."""
    wide, high = page.size
    spot = (round(wide * rng.uniform(0.3, 0.55)), round(high * rng.uniform(0.4, 0.62)))
    stamp(page, seal(who.fields.organizer or "", round(min(page.size) * 0.2)), spot, rng)


def _award(who: Applicant, facts: tuple[str, str, int], rng: random.Random) -> Pillow.Image:
    title, issuer, year = facts
    page = ornaments.ground((1200, 850), rng.choice(PAPERS), rng.choice(((190, 40, 40), (196, 150, 60))))
    head = rng.choice(("荣誉证书", "荣  誉  证  书", "奖  状", "获奖证书"))
    honours._say(page, (600, 170), head, 72, (190, 30, 30))  # noqa: SLF001
    _left(page, (150, 310), f"{who.fields.organizer}：")
    words = rng.choice(
        ("在{}年度工作中成绩突出，被评为", "在{}年度评选活动中，荣获", "经{}年度评审，授予你单位")
    )
    _left(page, (222, 385), words.format(year))
    quoted = f"“{title}”" if rng.random() < 0.5 else title
    tail = rng.choice(("", "称号")) if not title.endswith("奖") else ""
    honours._say(page, (600, 475), quoted + tail, 46, rng.choice(((190, 30, 30), (40, 38, 36))))  # noqa: SLF001
    _left(page, (150, 560), rng.choice(("特发此证，以资鼓励。", "特颁此证。", "以资鼓励。")))
    honours._say(page, (880, 660), issuer, 32)  # noqa: SLF001
    honours._say(page, (880, 715), _day(year, rng), 32)  # noqa: SLF001
    stamp(page, seal(issuer, 190), (900, 680), rng)
    return page


def _plaque(who: Applicant, facts: tuple[str, str, int], rng: random.Random) -> Pillow.Image:
    title, issuer, year = facts
    tone = rng.choice(((238, 208, 130), (215, 215, 220), (180, 40, 40)))
    ink = (250, 225, 150) if tone[0] == 180 else rng.choice(((180, 25, 25), (60, 40, 20)))
    page = Pillow.new("RGB", (1100, 760), tone)
    ImageDraw.Draw(page).rounded_rectangle((24, 24, 1076, 736), 26, outline=ink, width=8)
    honours._say(page, (550, 300), title, min(82, 960 // len(title)), ink)  # noqa: SLF001
    honours._say(page, (550, 520), issuer, 44, ink)  # noqa: SLF001
    honours._say(page, (550, 600), _day(year, rng), 40, ink)  # noqa: SLF001
    return page


def _day(year: int, rng: random.Random) -> str:
    month = rng.randrange(1, 13)
    if rng.random() < 0.5:
        return f"{year}年{month}月"
    return (
        "".join("〇一二三四五六七八九"[int(sign)] for sign in str(year))
        + "年"
        + "一二三四五六七八九"[month % 9]
        + "月"
    )


def _left(page: Pillow.Image, at: tuple[int, int], text: str, size: int = 36) -> None:
    pen = ImageDraw.Draw(page)
    pen.text(at, text, font=fonts.sized(size), fill=(40, 38, 36), anchor="lm", language=fonts.LANGUAGE)


def _event(rng: random.Random) -> Pillow.Image:
    """Return people in a street below a banner."""
    page = Pillow.open(io.BytesIO(pictures.photo(rng.randrange(1000), size=(1280, 860)))).convert("RGB")
    ImageDraw.Draw(page).rectangle((140, 90, 1140, 200), fill=(190, 25, 30))
    words = rng.choice(
        ("亳州市网络文明志愿服务活动启动仪式", "争做中国好网民 共建网络文明", "优秀政务新媒体颁奖典礼")
    )
    honours._say(page, (640, 145), words, 54, (250, 230, 120))  # noqa: SLF001
    if rng.random() < 0.5:
        honours._say(page, (640, 300), "主办单位：中共亳州市委网信办", 34, (250, 250, 250))  # noqa: SLF001
        honours._say(page, (640, 350), "2021年9月", 34, (250, 250, 250))  # noqa: SLF001
    return page


def _screen(rng: random.Random) -> Pillow.Image:
    """Return a telephone's screen with the page of an account."""
    page = Pillow.new("RGB", (720, 1280), (245, 245, 247))
    rows = (
        "9:41",
        "亳州发布",
        "微信号 bozhoufabu",
        "账号主体 亳州市融媒体中心",
        "统一社会信用代码",
        "12341600MB0X12345Q",
        "认证时间 2021年03月18日",
        "原创内容 1260篇",
        *rng.sample(names.SENTENCES, 6),
    )
    for number, row in enumerate(rows):
        _left(page, (40, 60 + number * 84), row[:22], 28)
    return page


def _poster(rng: random.Random) -> Pillow.Image:
    page = Pillow.new("RGB", (900, 1260), rng.choice(((200, 30, 30), (30, 80, 160), (240, 235, 220))))
    light = sum(page.getpixel((0, 0))) > 500  # type: ignore[arg-type]
    ink = (40, 40, 40) if light else (255, 245, 200)
    rows = (
        "文明亳州",
        "第五届网络文化节",
        "评选先进单位和优秀个人",
        "主办：中共亳州市委宣传部",
        "承办：亳州市融媒体中心",
    )
    for number, row in enumerate((*rows, "报名时间：2021年5月1日至5月31日", "咨询电话：0558-5550000")):
        honours._say(page, (450, 160 + number * 140), row, 70 if number < 2 else 38, ink)  # noqa: SLF001
    return page


def _code(rng: random.Random) -> Pillow.Image:
    page = Pillow.new("RGB", (900, 1260), "white")
    ornaments.square_code(page, (200, 360), 500, str(rng.random()))
    honours._say(page, (450, 180), "扫码关注“文明亳州”", 60)  # noqa: SLF001
    honours._say(page, (450, 1000), "亳州市精神文明建设指导委员会办公室", 36)  # noqa: SLF001
    honours._say(page, (450, 1080), "长按识别二维码", 36)  # noqa: SLF001
    return page


def _card(rng: random.Random) -> Pillow.Image:
    page = Pillow.new("RGB", (1012, 638), (225, 238, 245))
    number = "34160219900307" + f"{rng.randrange(1000):03}X"
    rows = (
        f"姓名  {rng.choice(names.PEOPLE)}",
        "性别  男   民族  汉",
        "出生  1990年3月7日",
        "住址  安徽省亳州市谯城区希夷大道1号",
    )
    for place, row in enumerate((*rows, "", f"公民身份号码  {number}")):
        _left(page, (70, 90 + place * 90), row, 36)
    return page


_OTHERS = {"event": _event, "screen": _screen, "poster": _poster, "code": _code, "card": _card}


def _taken(picture: Pillow.Image, view: str, rng: random.Random) -> bytes:
    """Return `picture` as a JPEG that a scanner, a telephone or a copier made of it."""
    page = np.ascontiguousarray(np.asarray(picture.convert("RGB"), np.uint8)[:, :, ::-1])
    if view == "copy":
        grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
        page = np.asarray(
            cv2.cvtColor(cv2.convertScaleAbs(grey, alpha=1.15, beta=-20), cv2.COLOR_GRAY2BGR), np.uint8
        )
    if view in ("photo", "glare", "far"):
        page = _on_desk(page, view, rng)
    if view == "turned":
        page = np.ascontiguousarray(np.rot90(page, rng.randrange(1, 4)))
    grain = np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(1, 5), (*page.shape[:2], 1))
    noisy = np.clip(page + grain, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(55, 90)])
    return packed.tobytes()


def _on_desk(page: Image, view: str, rng: random.Random) -> Image:
    """Return `page` lying aslant on a desk, a little askew, in uneven light, perhaps with a lamp's reflection."""
    height, width = page.shape[:2]
    room = 0.9 if view == "far" else rng.uniform(0.05, 0.2)
    wide, high = round(width * (1 + room)), round(height * (1 + room))
    left, top, slant = (wide - width) / 2, (high - height) / 2, rng.uniform(0.0, 0.07)
    ends = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shift = np.array(
        [[slant, slant / 2], [-slant * rng.random(), 0], [slant / 3, -slant / 2], [0, slant * rng.random()]]
    )
    place = ends + (shift * (width, height)).astype(np.float32) + np.array((left, top), np.float32)
    turn = np.vstack([cv2.getRotationMatrix2D((wide / 2, high / 2), rng.uniform(-4, 4), 1.0), [0, 0, 1]])
    warp = turn @ cv2.getPerspectiveTransform(ends, place)
    desk = np.full((high, wide, 3), rng.choice(DESKS), np.uint8)
    seen = cv2.warpPerspective(page, warp, (wide, high), dst=desk, borderMode=cv2.BORDER_TRANSPARENT)
    light = np.linspace(1.0, rng.uniform(0.65, 1.0), wide)[np.newaxis, :, np.newaxis]
    lit = seen * light
    if view == "glare":
        spot = np.zeros((high, wide), np.float32)
        cv2.circle(spot, (rng.randrange(wide), rng.randrange(high // 3, high)), round(0.12 * wide), 1.0, -1)
        lit = lit + 90 * cv2.GaussianBlur(spot, (0, 0), 0.06 * wide)[..., np.newaxis]
    soft = cv2.GaussianBlur(np.clip(lit, 0, 255).astype(np.uint8), (0, 0), rng.uniform(0.4, 0.9))
    return np.asarray(soft, np.uint8)
