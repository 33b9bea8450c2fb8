"""Pages of opinions with seals in their cells, as all kinds of offices, cameras and copiers give them."""

import random
from collections.abc import Mapping

import cv2
import msgspec
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from parsers.documents import FIELDS, Box, Form, Reading
from parsers.ocr import Image
from tests.build import fonts, names
from tests.build.impressions import REDS, Impression, press

CELLS = ("recommendation", "county_opinion", "city_opinion")
A4 = (8.27, 11.69)  # inches
DOTS = (100, 130, 150, 200, 300)
COUNTY_SEALS = (
    "中共{}委网络安全和信息化委员会办公室",
    "{}精神文明建设指导委员会办公室",
    "{}互联网信息办公室",
    "{}文明办",
    "中共{}委宣传部",
)
HALF = 0.4  # share of a seal that did not touch: with more missing nobody need count it

Pressed = tuple[Impression, tuple[int, int]]


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A page with the cells of a form on it, the seals pressed in each, and how the page came (`copy`)."""

    page: Image
    boxes: Mapping[str, Box]
    seals: Mapping[str, tuple[Impression, ...]]
    organizer: str
    copy: str = "colour"

    @property
    def form(self) -> Form:
        readings = {key: Reading(box=self.boxes.get(key)) for key in FIELDS}
        readings["organizer"] = Reading(value=self.organizer)
        return Form(readings=readings, scanned=True)


def made(seed: int) -> Sealed:
    """Return the page of `seed`: as many as two seals a cell, and whatever else may be red."""
    rng = random.Random(f"sealed {seed}")
    dpi = rng.choice(DOTS)
    size = (round(A4[0] * dpi), round(A4[1] * dpi))
    picture = Pillow.new("RGB", size, "white")
    organizer = _unit(rng)
    boxes = _ruled(picture, rng, dpi)
    _beside(picture, boxes, rng, dpi)
    seals = {key: _pressed(picture, key, boxes[key], rng, (organizer, dpi)) for key in CELLS}
    copy = rng.choices(("colour", "grey", "black"), (88, 9, 3))[0]
    page = _taken(np.asarray(picture, np.uint8)[:, :, ::-1], rng, copy)
    return Sealed(page=page, boxes=boxes, seals=seals, organizer=organizer, copy=copy)


def _unit(rng: random.Random) -> str:
    place = rng.choice(["亳州市", *names.COUNTIES])
    units = (*names.INSTITUTIONS, *names.COMPANIES, *names.SOCIETIES, *names.NON_PROFITS)
    return place + rng.choice(units).tail


def _ruled(picture: Pillow.Image, rng: random.Random, dpi: int) -> dict[str, Box]:
    """Draw the cells with their print, and return where they are in thousandths of the page."""
    wide, high = picture.size
    pen = ImageDraw.Draw(picture)
    edges = [rng.randrange(60, 300)]
    edges += [edges[0] + rng.randrange(190, 240) * number for number in (1, 2, 3)]
    left, middle, right = (round(share * wide) for share in (0.1, 0.24, 0.9))
    thick = max(1, dpi // 100)
    for edge in edges:
        pen.line((left, edge * high // 1000, right, edge * high // 1000), fill=(30, 30, 30), width=thick)
    for along in (left, middle, right):
        pen.line(
            (along, edges[0] * high // 1000, along, edges[-1] * high // 1000), fill=(30,) * 3, width=thick
        )
    letter = dpi // 6
    for top, label in zip(edges, ("单位推荐", "县区审核", "市委意见"), strict=False):
        _say(
            pen,
            (left + letter // 3, top * high // 1000 + 3 * letter),
            label,
            (round(letter * 0.9), (25, 25, 25)),
        )
        _say(pen, (middle + letter, top * high // 1000 + letter), _opinion(rng), (letter, (25, 25, 25)))
        day = f"2022年{rng.randrange(5, 7)}月{rng.randrange(1, 31)}日"
        _say(
            pen,
            (right - 11 * letter, (top + 185) * high // 1000 - letter),
            f"盖 章   {day}",
            (letter, (25, 25, 25)),
        )
    return {
        key: Box(page=1, left=240, top=top, right=900, bottom=bottom)
        for key, top, bottom in zip(CELLS, edges[:-1], edges[1:], strict=True)
    }


def _opinion(rng: random.Random) -> str:
    return rng.choice(
        ("同意推荐。", "情况属实，同意申报。", "经审核，同意推荐参加评选。", "政治导向正确，同意。")
    )


def _say(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, look: tuple[int, tuple[int, int, int]]
) -> None:
    size, fill = look
    pen.text(at, text, font=fonts.sized(size), fill=fill, anchor="lm", language=fonts.LANGUAGE)


def _pressed(
    picture: Pillow.Image, key: str, box: Box, rng: random.Random, unit: tuple[str, int]
) -> tuple[Impression, ...]:
    """Press the seals of one cell, and sometimes a person's chop or finger; return the seals."""
    organizer, dpi = unit
    wide, high = picture.size
    number = _number(key, rng)
    x = rng.uniform(0.36, 0.58) if number == 2 else rng.uniform(0.36, 0.86)
    y = (box.top + rng.uniform(60, 175)) / 1000
    place = rng.choice(list(names.COUNTIES))
    rings = [organizer] if key == "recommendation" else rng.sample(COUNTY_SEALS, 2)
    seals = []
    for ring in rings[:number]:
        one = _seal(rng, ring.format(place))
        press(picture, one, (round(x * wide), round(y * high)), dpi, seed=rng.randrange(1 << 30))
        seals.append(one)
        x = min(x + rng.uniform(0.11, 0.3), 0.89)
        y += rng.uniform(-0.02, 0.02)
        y = min(max(y, (box.top + 30) / 1000), (box.bottom - 15) / 1000)
    if rng.random() < 0.15:
        kind, size = rng.choice(
            (("chop", 14), ("chop", 20), ("filled-chop", 18), ("finger", 15), ("received", 45))
        )
        spot = (round(rng.uniform(0.28, 0.85) * wide), (box.top + rng.randrange(40, 160)) * high // 1000)
        other = Impression(kind=kind, name=rng.choice(names.PEOPLE), wide=size, turn=rng.uniform(-10, 10))
        press(picture, other, spot, dpi, seed=rng.randrange(1 << 30))
    return tuple(seals)


def _number(key: str, rng: random.Random) -> int:
    weights = {"recommendation": (25, 75, 0), "county_opinion": (25, 15, 60), "city_opinion": (80, 10, 10)}[
        key
    ]
    return rng.choices((0, 1, 2), weights)[0]


def _seal(rng: random.Random, name: str) -> Impression:
    kind = rng.choices(("round", "two-rings", "starless", "oval"), (72, 10, 9, 9))[0]
    return Impression(
        kind=kind,
        name=name,
        below="".join(rng.choices("0123456789", k=13)) if rng.random() < 0.4 else "",
        wide=rng.uniform(38, 46) if rng.random() < 0.85 else rng.uniform(32, 52),
        ink=rng.choice(list(REDS.values())),
        strength=rng.uniform(0.7, 1) if rng.random() < 0.7 else rng.uniform(0.35, 0.7),
        worn=rng.uniform(0.1, 0.6),
        lost=rng.uniform(0.05, 0.5) if rng.random() < 0.2 else 0.0,
        side=rng.uniform(0, 360),
        turn=rng.gauss(0, 14) if rng.random() < 0.93 else rng.uniform(0, 360),
    )


def _beside(picture: Pillow.Image, boxes: Mapping[str, Box], rng: random.Random, dpi: int) -> None:
    """Press what is red and no seal of a cell: a headline, a logo, a registry's frame, a red pen, underlines."""
    wide, high = picture.size
    top, bottom = boxes[CELLS[0]].top, boxes[CELLS[-1]].bottom
    pen, red = ImageDraw.Draw(picture), rng.choice([REDS["fresh"], REDS["dark"], REDS["crimson"]])
    things = {
        "words": (
            Impression(kind="words", name="中共亳州市委网信办文件", wide=130, ink=red),
            (0.5, top / 2500),
        ),
        "logo": (Impression(kind="logo", wide=22, ink=red), (rng.uniform(0.15, 0.85), top / 2500)),
        "received": (
            Impression(kind="received", name="已审核", wide=45, ink=red),
            (0.3, (bottom + 30) / 1000),
        ),
        "pen": (
            Impression(kind="pen", wide=rng.uniform(25, 60), ink=red),
            (rng.uniform(0.3, 0.8), rng.uniform(0.3, 0.7)),
        ),
        "other": (Impression(ink=red, name="亳州市档案馆"), (0.5, min(0.94, (bottom + 110) / 1000))),
    }
    for name, (one, (x, y)) in things.items():
        if rng.random() < 0.13 and (name != "other" or bottom < 860):
            press(picture, one, (round(x * wide), round(y * high)), dpi, seed=rng.randrange(1 << 30))
    if rng.random() < 0.15:
        key = rng.choice(CELLS)
        _say(
            pen,
            (round(rng.uniform(0.3, 0.6) * wide), (boxes[key].top + rng.randrange(50, 160)) * high // 1000),
            rng.choice(("已审核", "同意上报", "李晓禾  5.30", "请补充材料！")),
            (dpi // 5, red),
        )
    if rng.random() < 0.15:
        y = (boxes[rng.choice(CELLS)].top + 14) * high // 1000
        pen.line(
            (wide * 0.27, y + dpi // 9, wide * rng.uniform(0.4, 0.7), y + dpi // 9),
            fill=red,
            width=max(1, dpi // 60),
        )


def _taken(page: Image, rng: random.Random, copy: str) -> Image:
    """Return `page` as a scanner or a telephone gives it, or as a copier does."""
    height, width = page.shape[:2]
    shades = page.astype(np.float32)
    if rng.random() < 0.35:
        warm = np.array((rng.uniform(0.62, 0.95), rng.uniform(0.84, 0.97), 1.0), np.float32)
        light = np.linspace(1.0, rng.uniform(0.55, 1.0), width, dtype=np.float32)
        if rng.random() < 0.5:
            light = light[::-1]
        shades *= warm * light[None, :, None] * rng.uniform(0.75, 1.0)
        soft = rng.uniform(0.3, 1.1) * max(1.0, width / 1300)
        shades = np.asarray(cv2.GaussianBlur(shades, (0, 0), soft), np.float32)
    else:
        shades *= np.array([rng.uniform(0.94, 1), rng.uniform(0.97, 1), 1.0], np.float32)
    grain = np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(1, 6), (height, width, 1))
    noisy = np.clip(shades + grain, 0, 255).astype(np.uint8)
    if copy != "colour":
        noisy = np.asarray(
            cv2.cvtColor(cv2.cvtColor(noisy, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8
        )
    if copy == "black":
        noisy = np.where(noisy > rng.randrange(90, 170), 255, 0).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(40, 90)])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
