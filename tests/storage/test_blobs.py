import hashlib
import os
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


@given(contents=st.lists(st.binary(max_size=2000), max_size=20))
def test_what_is_kept_in_the_background_has_its_name_at_once_and_is_there_when_done(
    contents: list[bytes],
) -> None:
    with TemporaryDirectory() as folder:
        blobs = Blobs(Path(folder))
        begun = [blobs.keeping(data) for data in contents]
        blobs.close()
        assert [name for name, _ in begun] == [hashlib.sha256(data).hexdigest() for data in contents]
        assert all(kept.done() and kept.exception() is None for _, kept in begun)
        assert [blobs.read(name) for name, _ in begun] == contents


def test_a_disk_that_refuses_is_told_by_what_was_to_be_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    _, kept = Blobs(tmp_path / "file").keeping(b"mail")
    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        kept.result()


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


@given(pieces=st.lists(st.binary(max_size=500), max_size=5))
def test_bytes_that_come_in_pieces_are_kept_whole(pieces: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        blobs = Blobs(Path(folder))
        incoming = blobs.incoming()
        for piece in pieces:
            incoming.write(piece)
        assert list(blobs.every()) == []
        blobs.settle([incoming])
        incoming.discard()  # too late: it is kept
        assert (incoming.sha256, incoming.size) == (
            hashlib.sha256(b"".join(pieces)).hexdigest(),
            sum(map(len, pieces)),
        )
        assert blobs.read(incoming.sha256) == b"".join(pieces)


def test_many_that_come_together_are_all_kept(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    arrived = []
    for number in range(40):
        arrived.append(blobs.incoming())
        arrived[-1].write(f"mail {number % 30}".encode())  # some came twice
    blobs.settle(arrived)
    assert list(blobs.every()) == sorted({one.sha256 for one in arrived})
    assert all(map(blobs.whole, blobs.every()))
    assert list(tmp_path.glob(".new-*")) == []


def test_what_is_discarded_leaves_nothing(tmp_path: Path) -> None:
    incoming = Blobs(tmp_path).incoming()
    incoming.write(b"mail")
    incoming.discard()
    incoming.discard()
    assert list(tmp_path.iterdir()) == []


def test_only_what_was_left_long_ago_is_swept(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    blobs.keep(b"mail")
    left, under_way = blobs.incoming(), blobs.incoming()
    os.utime(left.path, (1000, 1000))
    os.utime(blobs.path(NAME), (1000, 1000))
    blobs.sweep(2000)
    assert [path.exists() for path in (left.path, under_way.path, blobs.path(NAME))] == [False, True, True]
    under_way.discard()
    left.discard()
