"""The recogniser: offline, one thread, within a worker's memory."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from parsers import ocr
from parsers.ocr import Image
from tests.build import facts, fonts, licences

WITHIN_LIMITS = """
import json, resource, sys, threading
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from parsers import picture
facts = picture.read_image(open(sys.argv[1], "rb").read())
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({"type": facts.type, "threads": int(status["Threads"]), "peak_kb": int(status["VmPeak"].split()[0])}))
"""


def page(*texts: str, colour: str = "black") -> Image:
    picture = Pillow.new("RGB", (640, 60 + 60 * len(texts)), "white")
    pen = ImageDraw.Draw(picture)
    for row, text in enumerate(texts):
        pen.text((40, 40 + 60 * row), text, font=fonts.sized(30), fill=colour, language=fonts.LANGUAGE)
    return np.asarray(picture, np.uint8)[:, :, ::-1].copy()


def test_lines_are_read_in_order_with_their_place() -> None:
    first, second = ocr.lines(page("亳州市文明网站平台", "13800138000"))
    assert (first.text, second.text) == ("亳州市文明网站平台", "13800138000")
    assert first.confidence > 0.9
    assert 20 < first.box[0] < 60 < first.box[2] < 400
    assert first.middle < second.middle


def test_full_width_punctuation_stays_as_it_is_printed() -> None:
    (read,) = ocr.lines(page("坚持正确政治方向，成效明显。"))
    assert read.text == "坚持正确政治方向，成效明显。"


@pytest.mark.parametrize("least", [1, 3])
def test_too_few_lines_are_not_recognised(least: int) -> None:
    assert len(ocr.lines(page("亳州", "谯城"), least)) == (2 if least == 1 else 0)


def test_red_ink_fades_and_the_print_beneath_it_stays() -> None:
    image = np.full((4, 4, 3), 255, np.uint8)
    image[0] = (40, 30, 210)  # a seal
    image[1] = (12, 10, 60)  # print under a seal
    image[2] = (20, 20, 20)
    faded = ocr.without_red(image)
    assert (faded[0] == 255).all()
    assert (faded[1] < 80).all()
    assert (faded[2] == 20).all()
    assert ocr.red_share(image) == 0.25


def test_nothing_is_recognised_of_nothing() -> None:
    assert ocr.recognise([]) == []
    assert ocr.lines(np.full((200, 200, 3), 255, np.uint8)) == []


def test_a_page_is_read_by_one_thread_in_two_gibibytes(tmp_path: Path) -> None:
    scan = tmp_path / "licence.jpg"
    scan.write_bytes(licences.certificate(facts.applicant(5)).data)
    ran = subprocess.run(
        [sys.executable, "-c", WITHIN_LIMITS, str(scan)],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    told = json.loads(ran.stdout)
    assert told["type"] == "qualification"
    assert told["threads"] <= 2  # its own, and a watcher of onnxruntime's
    assert ran.stderr == ""
