"""Part `reading`: scanned form pages to fields, beside bare rapidocr, the bare networks and Tesseract."""

import importlib.util
import io
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from rich.table import Table

import parsers
from parsers.ocr import DETECT_SIDE
from parsers.workers import Workers
from tests.build import facts, scans
from tests.build.scans import Scanner

SCANNERS = (
    Scanner(dpi=150, skew=0.4, quality=70, seed=1),
    Scanner(dpi=200, skew=-1.2, quality=75, seed=2),
    Scanner(dpi=200, skew=0.8, grey=True, quality=80, seed=3),
    Scanner(dpi=300, skew=0.2, quality=75, seed=4),
)
RAPIDOCR = "bare rapidocr, its defaults"
AS_SMALL = {"Det.limit_type": "max", "Det.limit_side_len": DETECT_SIDE, "Global.use_cls": False}
ONE_THREAD = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class Cost(NamedTuple):
    """Seconds of the clock and of CPU that all pages took together; none for what ran in other processes."""

    wall: float
    cpu: float | None


def run() -> Table:
    """Return the table of this part."""
    pages = [_page(number, scanner) for number, scanner in enumerate(SCANNERS)]
    costs = _costs(pages)
    rapid = costs[RAPIDOCR].cpu
    table = Table(title=f"reading: {len(pages)} scanned form pages, 150 to 300 dpi, one thread each")
    for head in ("what", "pages/min", "CPU s/page", "ratio of CPU"):
        table.add_column(head, justify="right")
    for name, cost in costs.items():
        figures = (f"{cost.cpu / len(pages):.2f}", f"{cost.cpu / rapid:.2f}") if cost.cpu and rapid else ()
        table.add_row(name, f"{60 * len(pages) / cost.wall:.1f}", *figures)
    if shutil.which("tesseract") is None:
        table.caption = "no Tesseract here (Debian: tesseract-ocr, tesseract-ocr-chi-sim)"
    return table


def _page(number: int, scanner: Scanner) -> bytes:
    """Return a page of a form by turns: the first, with the short cells, or the second, with seals."""
    return scans.form_pages(facts.applicant(number + 300), scanner=scanner)[number % 2]


def _costs(pages: Sequence[bytes]) -> dict[str, Cost]:
    engine, as_small = rapidocr(), rapidocr(AS_SMALL)
    parsers.read(pages[0], "a.jpg")  # both have their models loaded before anything is timed
    inputs = _inputs(engine, pages)
    costs = {
        RAPIDOCR: _timed(lambda: [engine(_array(page)) for page in pages]),
        "rapidocr, looking for lines as small as shenbao": _timed(
            lambda: [as_small(_array(page)) for page in pages]
        ),
        "shenbao, page to fields": _timed(lambda: [parsers.read(page, "a.jpg") for page in pages]),
        "the bare networks on rapidocr's inputs": _timed(lambda: [net.run(None, fed) for net, fed in inputs]),
    }
    if shutil.which("tesseract"):
        costs["Tesseract, chi_sim"] = _timed(lambda: _tesseract(pages))
    with Workers() as workers:
        wait = [workers.read(page, "a.jpg") for page in pages[: len(os.sched_getaffinity(0))]]
        _ = [each.result() for each in wait]  # the processes have started
        together = _timed(lambda: [each.result() for each in [workers.read(page, "a.jpg") for page in pages]])
        costs[f"shenbao, {len(wait)} processes"] = together._replace(cpu=None)
    return costs


def _timed(call: Callable[[], object]) -> Cost:
    start, used = time.perf_counter(), _cpu()
    call()
    return Cost(time.perf_counter() - start, _cpu() - used)


def _cpu() -> float:
    """Return the CPU seconds of this process and of the children it has waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _array(page: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(page)).convert("RGB"))[:, :, ::-1]


def rapidocr(settings: Mapping[str, object] = MappingProxyType({})) -> Any:
    """Return rapidocr as it comes but for `settings`, with the models that shenbao uses, on one thread."""
    from rapidocr import RapidOCR  # noqa: PLC0415  only this part needs it

    spec = importlib.util.find_spec("rapidocr")
    folder = Path(str(spec and spec.origin)).parent / "models"
    models = {
        "Det.model_path": str(folder / "PP-OCRv6_det_small.onnx"),
        "Cls.model_path": str(folder / "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
        "Rec.model_path": str(folder / "PP-OCRv6_rec_small.onnx"),
    }
    return RapidOCR(params={"Global.log_level": "critical", **ONE_THREAD, **models, **settings})


class _Recorder:
    """A network that remembers what it was fed."""

    def __init__(self, network: Any, seen: list[tuple[Any, Any]]) -> None:
        self._network, self._seen = network, seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def run(self, outputs: Any, inputs: Any) -> Any:
        self._seen.append((self._network, inputs))
        return self._network.run(outputs, inputs)


def _inputs(engine: Any, pages: Sequence[bytes]) -> list[tuple[Any, Any]]:
    """Return each call of a network for detection or recognition that `engine` makes for `pages`."""
    seen: list[tuple[Any, Any]] = []
    engine(_array(pages[0]))  # loads what it loads late
    holders = [engine.text_det.session, engine.text_rec.session]
    for holder in holders:
        holder.session = _Recorder(holder.session, seen)
    for page in pages:
        engine(_array(page))
    for holder in holders:
        holder.session = holder.session._network  # noqa: SLF001  our own, put back
    return seen


def _tesseract(pages: Sequence[bytes]) -> None:
    one_thread = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    with tempfile.TemporaryDirectory() as folder:
        for page in pages:
            file = Path(folder) / "page.jpg"
            file.write_bytes(page)
            command = ["tesseract", str(file), "stdout", "-l", "chi_sim"]
            subprocess.run(command, check=True, capture_output=True, env=one_thread)
