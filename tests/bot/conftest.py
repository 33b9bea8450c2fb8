import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from bot.access import Desk, Person, Role
from bot.commands import answer
from storage import applications
from storage.database import Store, open_store
from storage.model import State
from tests.bot import made


class Clock(msgspec.Struct):
    """The time as the tests move it on."""

    at: datetime = made.NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of `made.office()`, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("office") / "data"
    with open_store(folder, patience=5) as opened:
        made.keep(opened, *made.office())
    return folder


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copytree(filled, tmp_path / "data")
    with open_store(tmp_path / "data", patience=5) as opened:
        yield opened


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return Desk(store=store, campaign=made.CAMPAIGN, now=clock)


def nowhere() -> AbstractContextManager[Desk]:
    raise OSError("the disk is gone")


def known(store: Store, receipt: str) -> State | None:
    found = applications.get(store.db, receipt)
    return found.state if found else None


def somebody(role: Role, name: str = "terminal", *, channel: str = "terminal", group: bool = False) -> Person:
    return Person(channel=channel, id=name, role=role, group=group)


@pytest.fixture
def ask(desk: Desk) -> Callable[[str], str]:
    """Ask as a decider in the terminal and have the answer's text."""
    return lambda text: answer(desk, somebody(Role.DECIDER), text).text


@pytest.fixture
def ask_as_applicant(desk: Desk) -> Callable[..., str]:
    return lambda text, chat="terminal": answer(desk, somebody(Role.APPLICANT, chat), text).text
