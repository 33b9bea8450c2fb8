"""工作材料: text with pictures of an exact length, and videos of a chosen form."""

import io
import random
import tempfile
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from docx.shared import Cm

from tests.build import facts, ooxml, pictures

HEADING = "网络文明建设工作材料"


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece of work material holds: exactly `words` 字 (its heading among them) and `pictures`."""

    words: int = 900
    pictures: int = 3
    seed: int = 1
    in_table: bool = False


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """A video as it is asked for; `width` and `height` as stored, before `turned` rotates them."""

    seconds: int = 10
    width: int = 854
    height: int = 480
    suffix: str = ".mp4"
    fourcc: str = "mp4v"
    turned: bool = False


LONG_VIDEO = Video(seconds=310)
SMALL_VIDEO = Video(width=320, height=240)
AVI_VIDEO = Video(suffix=".avi", fourcc="MJPG")
PHONE_VIDEO = Video(width=1280, height=720, turned=True)


def docx(work: Work) -> bytes:
    """Return `work` as a Word file."""
    document = ooxml.new_document()
    add_work(document, work)
    return ooxml.saved(document)


def add_work(document: Any, work: Work) -> tuple[int, int]:
    """Append `work` to `document` and return its 字数 and number of pictures."""
    heading, paragraphs = parts(work)
    ooxml.append(document, ooxml.paragraph(ooxml.run(heading, font="黑体", size=32), align="center"))
    shown = pictures_of(work)
    holder = document
    if work.in_table:
        ooxml.append(document, ooxml.table(ooxml.row(ooxml.cell(ooxml.paragraph(""), 9000)), (9000,)))
        holder = document.tables[-1].cell(0, 0)
    for paragraph in paragraphs:
        holder.add_paragraph(paragraph)
        if shown:
            holder.add_paragraph().add_run().add_picture(io.BytesIO(shown.pop()), width=Cm(11))
    for picture in shown:
        holder.add_paragraph().add_run().add_picture(io.BytesIO(picture), width=Cm(11))
    return work.words, work.pictures


def parts(work: Work) -> tuple[str, tuple[str, ...]]:
    """Return the heading and paragraphs of `work`, together exactly its 字数."""
    rng = random.Random(f"work {work.seed}")
    heading = HEADING if work.words > len(HEADING) else ""
    return heading, tuple(facts.prose(rng, work.words - len(heading), 4).split("\n"))


def pictures_of(work: Work) -> list[bytes]:
    """Return the photos of `work`, each of its own."""
    return [pictures.photo(work.seed * 100 + number, size=(720, 480)) for number in range(work.pictures)]


def video(want: Video) -> bytes:
    """Return a video of plain coloured frames as `want` says, two frames a second or fewer."""
    rate = 1 if want.seconds > 60 else 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"video{want.suffix}"
        writer = cv2.VideoWriter(
            str(path), cv2.VideoWriter.fourcc(*want.fourcc), rate, (want.width, want.height)
        )
        frame = np.full((want.height, want.width, 3), (60, 120, 180), np.uint8)
        for number in range(want.seconds * rate):
            frame[: want.height // 2] = (40 + number % 200, 90, 140)
            writer.write(frame)
        writer.release()
        data = path.read_bytes()
    return _turned(data) if want.turned else data


def _turned(data: bytes) -> bytes:
    """Return the MP4 `data` with its track's matrix (ISO 14496-12, 8.3.2) saying: show me turned by 90°."""
    at = data.index(b"tkhd") + 4 + 40  # version 0: flags, times, ids, layer and volume come first
    one, minus = (0x00010000).to_bytes(4, "big"), (0xFFFF0000).to_bytes(4, "big")
    none, last = bytes(4), (0x40000000).to_bytes(4, "big")
    matrix = b"".join((none, one, none, minus, none, none, none, none, last))
    return data[:at] + matrix + data[at + 36 :]
