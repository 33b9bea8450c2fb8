"""A file is read once in its life: in one mail, in a later one; and again only by other parsers."""

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

import parsers
from intake.mail.envelope import Attachment, Mail
from intake.reading import begin, finish
from parsers.containers.archive import Opened, unpack
from parsers.documents import Facts
from storage.database import Store, open_store
from tests.build import archives

NOW = datetime(2022, 5, 30, tzinfo=UTC)
TEXT = "网络文明建设工作材料。".encode()


class Counting:
    """Reads in this process and remembers what it was asked to read."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, data: bytes, name: str) -> Future[Facts]:
        self.asked.append(name)
        future: Future[Facts] = Future()
        future.set_result(parsers.read(data, name))
        return future

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        future: Future[Opened] = Future()
        future.set_result(unpack(data, name))
        return future


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data") as opened:
        yield opened


def taken(store: Store, *files: tuple[str, bytes]) -> list[str]:
    """Return what had to be read of a mail with `files`."""
    reader = Counting()
    mail = Mail(attachments=tuple(Attachment(name=name, data=data) for name, data in files))
    found = finish(store, begin(store, reader, mail), NOW)
    assert all(file.facts.type in {"work", "archive"} for file in found)
    return reader.asked


def test_a_file_attached_twice_is_read_once(store: Store) -> None:
    zipped = archives.zipped([("材料.txt", TEXT)])
    assert taken(store, ("材料.txt", TEXT), ("副本.txt", TEXT), ("材料.zip", zipped)) == ["材料.txt"]


def test_a_file_that_came_before_is_not_read_again(store: Store) -> None:
    assert taken(store, ("材料.txt", TEXT)) == ["材料.txt"]
    assert taken(store, ("又发一次.txt", TEXT)) == []


def test_other_parsers_read_again(store: Store) -> None:
    assert taken(store, ("材料.txt", TEXT)) == ["材料.txt"]
    with store.transaction():
        store.db.execute("UPDATE facts SET parsers = 'yesterday''s'")
    assert taken(store, ("材料.txt", TEXT)) == ["材料.txt"]


def test_another_ending_is_another_file(store: Store) -> None:
    """A script is told from a text by its ending alone."""
    assert taken(store, ("材料.txt", TEXT), ("材料.md", TEXT)) == ["材料.txt", "材料.md"]
