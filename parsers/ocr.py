"""The one door to rapidocr: printed Chinese in an image becomes lines of text with their boxes.

The models lie in rapidocr's wheel and are named by path, so nothing is ever fetched. One thread a
process: two cost half again the CPU of a page, and a worker's address space is limited.
"""

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # read once, when the libraries below are loaded

import logging  # noqa: E402 -- after the limits on threads
from collections.abc import Sequence  # noqa: E402
from functools import cache  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any, NamedTuple  # noqa: E402

import cv2  # noqa: E402
import msgspec  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

Image = NDArray[np.uint8]
"""A picture as OpenCV holds it: rows, columns, blue-green-red."""

DETECT_SIDE = 1280
"""Pixels of the longer side when looking for lines; they are recognised in full resolution."""

_FULL_SIDE = 2600
_SURE_ENOUGH = 0.5
_MARGIN = 0.3  # of a line's height
cv2.setNumThreads(1)


class Spelt(NamedTuple):
    """The text of one line, the mean of its letters' confidences and the least of them, from 0 to 1."""

    text: str
    confidence: float
    least: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One recognised line: `confidence` from 0 to 1, `box` its bounds in pixels (left, top, right, bottom).

    `least` is the confidence of its worst letter: a single one guessed hardly shows in the mean of twenty.
    `seen` are its bounds on a page that is askew, where `box` is that of the page set straight.
    """

    text: str
    confidence: float
    box: tuple[float, float, float, float]
    seen: tuple[float, float, float, float] | None = None
    least: float = 1.0

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


def lines(image: Image, least: int = 1) -> list[Line]:
    """Return the lines of text in `image`, from top to bottom, without those that are mere guesses.

    Where fewer than `least` are found, none is recognised. On a page that is a little askew the boxes
    are those of the page set straight.
    """
    boxes = corners(image)
    if len(boxes) < max(least, 1):
        return []
    read = spelt(cut(image, _widened(boxes)))
    found = zip(boxes, _levelled(boxes), read, strict=True)
    return [
        Line(text=text, confidence=score, box=_bounds(points), seen=_bounds(askew), least=least)
        for askew, points, (text, score, least) in found
        if text and score >= _SURE_ENOUGH
    ]


def corners(image: Image) -> Any:
    """Return the four corners in pixels of each line found in `image` (lines x 4 x 2), top left first, clockwise."""
    read = _engine()(image, use_det=True, use_cls=False, use_rec=False)
    return np.empty((0, 4, 2), np.float32) if read.boxes is None else np.asarray(read.boxes, np.float32)


def cut(image: Image, boxes: Any) -> list[Image]:
    """Return the part of `image` in each of `boxes` (four corners each) as a level line; a tall one is laid down."""
    crops: list[Image] = _engine().crop_text_regions(image, boxes)
    return crops


def upside_down(crops: Sequence[Image]) -> list[float]:
    """Return for each crop, which holds one line, how likely it is (0 to 1) to stand on its head."""
    if not crops:
        return []
    engine = _engine()
    told = engine._load_cls_model()(list(crops)).cls_res  # noqa: SLF001 -- no public way gives the chances
    return [float(score if label == "180" else 1 - score) for label, score in told]


def recognise(crops: Sequence[Image]) -> list[tuple[str, float]]:
    """Return the text and its confidence for each crop, which holds one line."""
    return [(one.text, one.confidence) for one in spelt(crops)]


def spelt(crops: Sequence[Image]) -> list[Spelt]:
    """Return for each crop, which holds one line, its text and how sure all and the worst of its letters are."""
    if not crops:
        return []
    engine = _engine()
    engine.return_word_box = True  # else the letters' own confidences are not told
    read = engine.recognize_txt([np.ascontiguousarray(crop) for crop in crops])
    told = zip(read.txts, read.scores, read.word_results, strict=True)
    return [Spelt(_fold(text), float(score), _least(text, words.confs)) for text, score, words in told]


def _least(text: str, letters: Sequence[float]) -> float:
    told = zip(text, letters, strict=False)  # nothing read has a confidence all the same
    return min((sure for sign, sure in told if sign not in _WIDE_OR_NARROW), default=float(bool(text)))


_WIDE_OR_NARROW = " （）()：:，,；;"  # signs whose two widths are told apart by nobody, and need not be


def without_red(image: Image) -> Image:
    """Return `image` with red ink (seals) faded to paper, and the black print beneath it kept."""
    blue, green, red = (channel.astype(np.int16) for channel in cv2.split(image))
    tint = red - np.maximum(blue, green)
    inked = (tint > _RED_TINT) & (red > _RED_LIGHT)
    # The edge of a seal is blurred by the scanner and its colour by JPEG: fainter red beside ink is ink.
    # Red ink is light in the red channel, print is dark in it, and their mixture lies between.
    beside = cv2.dilate(inked.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    tinted = beside & (tint > _RED_EDGE) | (tint > _RED_TINT)
    light = (red.astype(np.float32) - _PRINT) * (255 / (_ink_light(red, inked) - _PRINT))
    faded = image.copy()
    faded[tinted] = np.clip(light[tinted, np.newaxis], 0, 255).astype(np.uint8)
    return faded


def _ink_light(red: Any, inked: Any) -> Any:
    """Return how light the red ink about each point is in the red channel: what is darker there is print."""
    share = cv2.blur(inked.astype(np.float32), (_STAMPED, _STAMPED))
    light = cv2.blur(np.where(inked, red, 0).astype(np.float32), (_STAMPED, _STAMPED))
    return np.where(share > 0, _INK_VARIES * light / np.maximum(share, 1e-6), 255)


def red_share(image: Image) -> float:
    """Return which share of the pixels is red ink."""
    blue, green, red = (channel.astype(np.int16) for channel in cv2.split(image))
    return float(np.mean((red - np.maximum(blue, green) > _RED_TINT) & (red > _RED_LIGHT)))


_LONG = 4.0  # times its height: a line long enough to tell the slope of the page
_RED_TINT = 45
_RED_LIGHT = 110
_RED_EDGE = 14
_STAMPED = 41  # pixels about a point: where the ink of a seal is looked at
_PRINT = 30  # in the red channel: as dark as black print under a seal
_INK_VARIES = 0.9  # of its usual lightness: ink is rarely darker


@cache
def _engine() -> Any:
    """Load the models, once a process."""
    from rapidocr import RapidOCR  # noqa: PLC0415 -- half a second and 200 MB, only when there is a picture

    silent = logging.getLogger("RapidOCR")
    folder = _models()
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.max_side_len": _FULL_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
            "Det.model_path": str(folder / "PP-OCRv6_det_small.onnx"),
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECT_SIDE,
            "Cls.model_path": str(folder / "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
            "Rec.rec_batch_num": 1,  # a batch is padded to its longest line: twice the work for nothing
            "Rec.rec_img_shape": [3, 48, 64],
            "Rec.model_path": str(folder / "PP-OCRv6_rec_small.onnx"),
        }
    )
    silent.disabled = True
    return engine


def _models() -> Path:
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("rapidocr is not installed")
    return Path(spec.origin).parent / "models"


def _widened(corners: Any) -> Any:
    """Return `corners` a third of a letter longer at both ends: a comma at the end is easily cut off."""
    along = corners[:, 1] - corners[:, 0]
    length = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1)
    height = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1, keepdims=True)
    step = (along / length * height * _MARGIN)[:, np.newaxis, :] * (length > height)[..., np.newaxis]
    return corners + step * np.array([-1, 1, 1, -1], np.float32)[np.newaxis, :, np.newaxis]


def _levelled(boxes: Any) -> Any:
    """Return the corners of `boxes` turned about the origin so that long lines run level."""
    corners = np.asarray(boxes, dtype=float)
    along = corners[:, 1] - corners[:, 0]
    down = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    long = np.linalg.norm(along, axis=1) > _LONG * down
    if not long.any():
        return corners
    angle = float(np.median(np.arctan2(along[long, 1], along[long, 0])))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return corners @ turn


def _bounds(points: Any) -> tuple[float, float, float, float]:
    corners = np.asarray(points, dtype=float)
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def _fold(text: str) -> str:
    return " ".join(text.split())
