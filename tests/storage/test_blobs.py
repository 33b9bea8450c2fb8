import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.blobs import Blobs

NAME = hashlib.sha256(b"mail").hexdigest()


@given(contents=st.lists(st.binary(max_size=2000), max_size=5))
def test_what_is_kept_is_read_back_under_its_digest(contents: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        blobs = Blobs(Path(folder))
        names = [blobs.keep(data) for data in contents]
        assert names == [hashlib.sha256(data).hexdigest() for data in contents]
        assert [blobs.read(name) for name in names] == contents
        assert list(blobs.every()) == sorted(set(names))
        assert all(blobs.whole(name) for name in names)


def test_the_same_bytes_are_written_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    first = blobs.path(blobs.keep(b"mail")).stat()
    second = blobs.path(blobs.keep(b"mail")).stat()
    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)


@pytest.mark.parametrize("left", [pytest.param(b"", id="nothing"), pytest.param(b"ma", id="half")])
def test_a_file_cut_short_is_mended(tmp_path: Path, left: bytes) -> None:
    blobs = Blobs(tmp_path)
    blobs.path(blobs.keep(b"mail")).write_bytes(left)
    assert not blobs.whole(NAME)
    blobs.keep(b"mail")
    assert blobs.whole(NAME)


def test_what_is_damaged_or_gone_is_not_whole(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    assert not blobs.whole(NAME)
    blobs.path(blobs.keep(b"mail")).write_bytes(b"liam")
    assert not blobs.whole(NAME)


def test_reading_what_was_never_kept(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Blobs(tmp_path).read(NAME)


def test_nothing_kept_yet(tmp_path: Path) -> None:
    assert list(Blobs(tmp_path / "none").every()) == []


@pytest.mark.parametrize(
    "name",
    ["", "../../etc/passwd", NAME.upper(), NAME[:-1], f"{NAME}\n", f"{NAME}/x"],
)
def test_a_name_that_is_no_digest_reaches_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        Blobs(tmp_path).path(name)


def test_a_half_written_file_is_nothing_kept(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    blobs.keep(b"mail")
    (tmp_path / NAME[:2] / ".new-abc").write_bytes(b"ma")
    assert list(blobs.every()) == [NAME]
