"""No paper is taken for a photo, whatever camera or program it went through; photos are left alone."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import glance, pasted, writing
from tests.build import camera, facts, honours, licences, pictures


def turned(page: Any, degrees: float) -> Any:
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(page, turn, (width, height), borderValue=(255, 255, 255))


def as_jpeg(page: Any, quality: int) -> bytes:
    return cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def smaller(page: Any, side: int) -> Any:
    share = side / min(page.shape[:2])
    return cv2.resize(page, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def noisy(page: Any) -> Any:
    return np.clip(page + np.random.default_rng(1).normal(0, 15, page.shape), 0, 255).astype(np.uint8)


WAYS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("as it is", lambda page: page),
    ("faded", lambda page: (255 - (255 - page.astype(float)) * 0.45).astype(np.uint8)),
    ("dim", lambda page: (page * 0.75).astype(np.uint8)),
    ("blurred", lambda page: cv2.GaussianBlur(page, (0, 0), 2)),
    ("small", lambda page: smaller(page, 401)),
    ("noisy", noisy),
    ("askew", lambda page: turned(page, -12)),
    ("photographed aslant", lambda page: camera.photo(page, camera.Shot(slant=0.12, blur=1.4))),
    ("photographed on its side", lambda page: camera.photo(page, camera.Shot(turns=1))),
    (
        "on a large sheet",
        lambda page: cv2.copyMakeBorder(page, *(300,) * 4, cv2.BORDER_CONSTANT, value=(246,) * 3),
    ),
)


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in WAYS])
@pytest.mark.parametrize("kind", list(licences.PATTERNS))
def test_a_certificate_is_written_paper(kind: str, change: Callable[[Any], Any]) -> None:
    page = pasted.array(licences.as_png(facts.applicant(50), kind, portrait=len(kind) % 2 == 0).data)
    seen = glance.at(as_jpeg(change(page), 35))
    assert seen is not None
    assert seen.written


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in WAYS])
def test_so_is_an_honour(change: Callable[[Any], Any]) -> None:
    page = pasted.array(honours.paper(facts.applicant(2), 1).data)
    seen = glance.at(as_jpeg(change(page), 35))
    assert seen is not None
    assert seen.written


@given(st.integers(0, 10_000))
def test_a_scene_is_no_paper_however_light(seed: int) -> None:
    page = pasted.array(pictures.photo(seed, size=(720, 480)))
    lighter = (np.power(page / 255.0, 0.5) * 255).astype(np.uint8)
    seen = glance.at(as_jpeg(lighter, 70))
    assert seen is not None
    assert not seen.written


def test_nobody_counts_in_a_crowd_of_spots() -> None:
    spots = np.full((700, 700), 255, np.uint8)
    spots[4::16, 4::16] = 0
    crowd = cv2.dilate(255 - spots, np.ones((6, 6), np.uint8))
    assert writing.is_on(255 - crowd)


def test_a_blank_sheet_has_no_writing() -> None:
    assert not writing.is_on(np.full((600, 400), 250, np.uint8))
