"""What a film is, as it is shown; a damaged one is told apart from a short one."""

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.documents import Clip, Part, Unreadable, Why
from parsers.reader import read
from parsers.sniff import sniff
from parsers.video import WINDOWS_MEDIA, read_video
from parsers.workers import Workers

VIDEOS = Path(__file__).parent.parent / "material" / "videos"
SIZE = (64, 48)
TURNS = {
    0: (1, 0, 0, 1),
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}


def film(folder: Path, suffix: str = ".mp4", codec: str = "mp4v", frames: int = 60, rate: int = 30) -> bytes:
    path = folder / f"film{suffix}"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), rate, SIZE)
    for number in range(frames):
        writer.write(np.full((SIZE[1], SIZE[0], 3), number * 4 % 256, np.uint8))
    writer.release()
    return path.read_bytes()


@pytest.fixture(scope="module")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("film"))


def turned(data: bytes, degrees: int) -> bytes:
    """Return `data` with the matrix of its track header (ISO 14496-12, 8.3.2) turned."""
    at = data.index(b"tkhd") + 44
    a, b, c, d = (number * 0x10000 for number in TURNS[degrees])
    return data[:at] + struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000) + data[at + 36 :]


def streamable(data: bytes) -> bytes:
    """Return `data` with its index before its pictures, as films are made for the web."""
    start, index = data.index(b"mdat") - 4, data.index(b"moov") - 4
    head, pictures, moov = data[:start], data[start:index], bytearray(data[index:])
    table = moov.index(b"stco") + 8
    (count,) = struct.unpack_from(">I", moov, table)
    for at in range(table + 4, table + 4 + 4 * count, 4):
        struct.pack_into(">I", moov, at, struct.unpack_from(">I", moov, at)[0] + len(moov))
    return head + bytes(moov) + pictures


def part(data: bytes) -> Part:
    facts = read_video(data)
    assert facts.reader == "video"
    (only,) = facts.parts
    return only


def why(data: bytes) -> Why | None:
    found = part(data)
    return found.why if isinstance(found, Unreadable) else None


def test_an_mp4(mp4: bytes) -> None:
    expected = Clip(container="MPEG-4", codec="MPEG-4 Visual", duration_s=2.0, width=64, height=48)
    assert part(mp4) == expected
    assert part(streamable(mp4)) == expected


@pytest.mark.parametrize(
    ("degrees", "size"),
    [
        pytest.param(0, (64, 48), id="upright"),
        pytest.param(90, (48, 64), id="telephone held upright"),
        pytest.param(180, (64, 48), id="upside down"),
        pytest.param(270, (48, 64), id="telephone held upright the other way"),
    ],
)
def test_size_is_as_shown(mp4: bytes, degrees: int, size: tuple[int, int]) -> None:
    clip = part(turned(mp4, degrees))
    assert isinstance(clip, Clip)
    assert (clip.width, clip.height) == size


@pytest.mark.parametrize(
    ("suffix", "codec", "container"),
    [
        pytest.param(".avi", "MJPG", "AVI", id="avi"),
        pytest.param(".mkv", "mp4v", "Matroska", id="mkv"),
        pytest.param(".mov", "mp4v", "QuickTime", id="mov is of MP4's family and no MP4"),
    ],
)
def test_other_containers(tmp_path: Path, suffix: str, codec: str, container: str) -> None:
    data = film(tmp_path, suffix, codec)
    clip = part(data)
    assert sniff(data) == "video"
    assert isinstance(clip, Clip)
    assert (clip.container, clip.duration_s, clip.width, clip.height) == (container, 2.0, 64, 48)


@pytest.mark.parametrize(
    ("file", "container", "codec", "seconds", "size"),
    [
        ("h264.mp4", "MPEG-4", "AVC", 2.0, (96, 64)),
        ("h264-fragments.mp4", "MPEG-4", "AVC", 2.4, (96, 64)),
        ("hevc.mp4", "MPEG-4", "HEVC", 2.0, (96, 64)),
        ("phone-upright.mp4", "MPEG-4", "AVC", 2.0, (64, 96)),
        ("wide-pixels.mp4", "MPEG-4", "AVC", 2.0, (128, 64)),
        ("long.mp4", "MPEG-4", "AVC", 350.0, (96, 64)),
        ("variable.mp4", "MPEG-4", "AVC", 2.9, (96, 64)),
        ("h264.mov", "QuickTime", "AVC", 2.0, (96, 64)),
        ("telephone.3gp", "3GPP", "H.263", 2.0, (144, 96)),
        ("xvid.avi", "AVI", "MPEG-4 Visual", 2.2, (96, 64)),
        ("h264.mkv", "Matroska", "AVC", 2.1, (96, 64)),
        ("vp9.webm", "WebM", "VP9", 2.0, (96, 64)),
        ("h264.flv", "Flash Video", "AVC", 2.4, (96, 64)),
        ("sorenson.flv", "Flash Video", "Sorenson Spark", 2.1, (96, 64)),
        ("wmv.wmv", "Windows Media", "WMV2", 2.1, (96, 64)),
        ("mpeg2.mpg", "MPEG-PS", "MPEG Video", 1.8, (96, 64)),
        ("h264.ts", "MPEG-TS", "AVC", 2.3, (96, 64)),
    ],
)
@pytest.mark.parametrize("renamed", [pytest.param("", id="as it is"), pytest.param("a.mp4", id="called mp4")])
def test_films_of_real_programs(
    file: str, container: str, codec: str, seconds: float, size: tuple[int, int], renamed: str
) -> None:
    """Whatever it is called, a film is what its content says."""
    (clip,) = read((VIDEOS / file).read_bytes(), renamed or file).parts
    assert isinstance(clip, Clip)
    assert (clip.container, clip.codec, (clip.width, clip.height)) == (container, codec, size)
    assert clip.duration_s is not None
    assert round(clip.duration_s, 1) == seconds


@pytest.mark.parametrize(
    "file",
    [
        "h264.mp4", "h264-fragments.mp4", "h264.mov", "xvid.avi", "h264.mkv", "vp9.webm", "h264.flv", "sorenson.flv",
        "wmv.wmv", "mpeg2.mpg",
    ],
)  # fmt: skip
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_films_that_end_too_early(file: str, share: float) -> None:
    data = (VIDEOS / file).read_bytes()
    assert why(data[: int(len(data) * share)]) == Why.CORRUPT


def test_a_live_recording_has_no_size_to_keep() -> None:
    """A Windows Media broadcast (flag 1) says no size."""
    data = bytearray((VIDEOS / "wmv.wmv").read_bytes())
    flags = data.index(WINDOWS_MEDIA) + 88
    data[flags] |= 1
    assert isinstance(part(bytes(data[:-2000])), Clip)


def test_sound_without_pictures_is_no_film() -> None:
    assert why((VIDEOS / "sound-only.mp4").read_bytes()) == Why.UNSUPPORTED


def test_words_called_mp4_are_damaged() -> None:
    (only,) = read("请到网盘下载宣传片".encode(), "宣传片.mp4").parts
    assert isinstance(only, Unreadable)
    assert only.why == Why.CORRUPT


def test_a_long_film_in_few_frames(tmp_path: Path) -> None:
    clip = part(film(tmp_path, frames=301, rate=1))
    assert isinstance(clip, Clip)
    assert clip.duration_s == 301


def test_damaged_films(mp4: bytes) -> None:
    assert why(mp4[: mp4.index(b"moov") - 4]) == Why.CORRUPT  # the index never arrived
    assert why(mp4[: len(mp4) // 2]) == Why.CORRUPT
    whole = streamable(mp4)
    assert why(whole[: -len(whole) // 2]) == Why.CORRUPT  # an index that promises more than there is
    assert why(b"\0\0\0\x18ftypisom" + bytes(12)) == Why.CORRUPT
    assert why(b"") == Why.CORRUPT


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(workers=1, memory_mb=1024, seconds=3) as running:
        yield running


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1300), st.integers(0, 255)), min_size=1, max_size=10))
def test_damage_is_a_value(mp4: bytes, workers: Workers, patches: list[tuple[int, int]]) -> None:
    """Within limits: a few wrong bytes in an index can make MediaInfo take gigabytes and never end."""
    data = bytearray(streamable(mp4))
    for at, byte in patches:
        data[at] = byte
    (only,) = workers.read(bytes(data), "film.mp4").result().parts
    assert isinstance(only, Clip | Unreadable)


def referring(data: bytes, url: bytes) -> bytes:
    """Return `data` whose pictures lie elsewhere: at `url` (ISO 14496-12, 8.7.2)."""
    start = data.index(b"dref") - 4
    (size,) = struct.unpack_from(">I", data, start)
    entry = struct.pack(">I4sI", 13 + len(url), b"url ", 0) + url + b"\0"
    reference = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    result = bytearray(data[:start] + reference + data[start + size :])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        at = result.index(box) - 4
        struct.pack_into(">I", result, at, struct.unpack_from(">I", result, at)[0] + len(reference) - size)
    return bytes(result)


def test_nothing_is_fetched_for_a_film(mp4: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/film.mp4".encode()
        assert isinstance(part(referring(mp4, url)), Clip)
        with pytest.raises(TimeoutError):
            server.accept()
