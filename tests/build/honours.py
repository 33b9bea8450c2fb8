"""Certificates and plaques of honours received."""

import io
import random

import msgspec
from PIL import Image, ImageDraw

from tests.build import fonts, ornaments
from tests.build.facts import Applicant
from tests.build.scans import FLATBED, Scanner, jpeg, scan
from tests.build.seals import seal, stamp

AWARDS = ("网络文明建设先进单位", "优秀政务新媒体", "“网络中国节”优秀组织单位", "青年文明号")
ISSUERS = ("中共亳州市委宣传部", "亳州市精神文明建设指导委员会", "亳州市文化旅游体育局")


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """An honour's file and facts: what was awarded, by whom, in which year."""

    name: str
    data: bytes
    award: str
    issuer: str
    year: int


def paper(who: Applicant, number: int = 0, scanner: Scanner = FLATBED) -> Award:
    """Return a 荣誉证书 as a scan."""
    award, issuer, year = _chosen(number)
    page = ornaments.ground((1200, 850), (254, 249, 238), (190, 40, 40))
    _say(page, (600, 170), "荣  誉  证  书", 76, (190, 30, 30))
    pen = ImageDraw.Draw(page)
    font = fonts.sized(36)
    pen.text(
        (150, 320),
        f"{who.fields.organizer}：",
        font=font,
        fill=(40, 38, 36),
        anchor="lm",
        language=fonts.LANGUAGE,
    )
    pen.text(
        (222, 400),
        f"在{year}年度工作中成绩突出，被评为",
        font=font,
        fill=(40, 38, 36),
        anchor="lm",
        language=fonts.LANGUAGE,
    )
    _say(page, (600, 490), award, 52, (190, 30, 30))
    pen.text(
        (150, 570), "特发此证，以资鼓励。", font=font, fill=(40, 38, 36), anchor="lm", language=fonts.LANGUAGE
    )
    _say(page, (880, 660), issuer, 34)
    _say(page, (880, 715), f"{year}年12月", 34)
    stamp(page, seal(issuer, 190), (900, 680), random.Random(f"honour {number}"))
    return Award(
        name=f"荣誉证书{number + 1}.jpg",
        data=jpeg(scan(page, scanner), scanner),
        award=award,
        issuer=issuer,
        year=year,
    )


def plaque(number: int = 0, ink: tuple[int, int, int] = (90, 50, 20)) -> Award:
    """Return a photo of a brass plaque, its honour in red and the rest in `ink`."""
    award, issuer, year = _chosen(number)
    page = Image.composite(
        Image.new("RGB", (1100, 760), (226, 190, 105)),
        Image.new("RGB", (1100, 760), (250, 226, 160)),
        Image.linear_gradient("L").resize((1100, 760)),
    )
    ImageDraw.Draw(page).rounded_rectangle((24, 24, 1076, 736), 26, outline=(150, 110, 40), width=8)
    _say(page, (550, 300), award, 82, (180, 25, 25))
    _say(page, (550, 520), issuer, 44, ink)
    _say(
        page,
        (550, 600),
        f"二〇{''.join('〇一二三四五六七八九'[int(sign)] for sign in str(year)[2:])}年十二月",
        40,
        ink,
    )
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=70)
    return Award(name=f"奖牌{number + 1}.jpg", data=buffer.getvalue(), award=award, issuer=issuer, year=year)


def _chosen(number: int) -> tuple[str, str, int]:
    return AWARDS[number % len(AWARDS)], ISSUERS[number % len(ISSUERS)], 2019 + number % 3


def _say(
    page: Image.Image, at: tuple[int, int], text: str, size: int, fill: tuple[int, int, int] = (40, 38, 36)
) -> None:
    pen = ImageDraw.Draw(page)
    pen.text(at, text, font=fonts.sized(size), fill=fill, anchor="mm", language=fonts.LANGUAGE)
