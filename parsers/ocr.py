"""The one door to rapidocr: printed Chinese in an image becomes lines of text with their boxes.

The models lie in rapidocr's wheel and are named by path, so nothing is ever fetched. One thread a
process: two cost half again the CPU of a page, and a worker's address space is limited.
"""

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # read once, when the libraries below are loaded

import logging  # noqa: E402 -- after the limits on threads
import unicodedata  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from functools import cache  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

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
cv2.setNumThreads(1)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One recognised line: `confidence` from 0 to 1, `box` its bounds in pixels (left, top, right, bottom)."""

    text: str
    confidence: float
    box: tuple[float, float, float, float]

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


def lines(image: Image) -> list[Line]:
    """Return the lines of text in `image`, from top to bottom, without those that are mere guesses.

    On a page that is a little askew the boxes are those of the page set straight.
    """
    read = _engine()(image, use_det=True, use_rec=True)
    if read.boxes is None or read.txts is None:
        return []
    found = zip(_levelled(read.boxes), read.txts, read.scores, strict=True)
    return [line for points, text, score in found if (line := _line(points, text, score)).text]


def detect(image: Image) -> list[tuple[float, float, float, float]]:
    """Return only where lines of text are; a tenth of the cost of reading a page."""
    read = _engine()(image, use_det=True, use_rec=False)
    return [] if read.boxes is None else [_bounds(points) for points in read.boxes]


def recognise(crops: Sequence[Image]) -> list[tuple[str, float]]:
    """Return the text and its confidence for each crop, which holds one line."""
    if not crops:
        return []
    read = _engine().recognize_txt(list(crops))
    return [(_fold(text), float(score)) for text, score in zip(read.txts, read.scores, strict=True)]


def without_red(image: Image) -> Image:
    """Return `image` with red ink (seals) faded to paper, and the black print beneath it kept."""
    blue, green, red = (channel.astype(np.int16) for channel in cv2.split(image))
    tint = red - np.maximum(blue, green)
    inked = (tint > _RED_TINT) & (red > _RED_LIGHT)
    faded = image.copy()
    faded[inked] = 255
    shaded = (tint > _RED_TINT) & ~inked
    faded[shaded] = red[shaded, np.newaxis].astype(np.uint8)
    return faded


def red_share(image: Image) -> float:
    """Return which share of the pixels is red ink."""
    blue, green, red = (channel.astype(np.int16) for channel in cv2.split(image))
    return float(np.mean((red - np.maximum(blue, green) > _RED_TINT) & (red > _RED_LIGHT)))


_LONG = 4.0  # times its height: a line long enough to tell the slope of the page
_RED_TINT = 45
_RED_LIGHT = 110


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
            "Global.text_score": _SURE_ENOUGH,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
            "Det.model_path": str(folder / "PP-OCRv6_det_small.onnx"),
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECT_SIDE,
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


def _line(points: Any, text: str, score: float) -> Line:
    return Line(text=_fold(text), confidence=float(score), box=_bounds(points))


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
    return " ".join(unicodedata.normalize("NFKC", text).split())
