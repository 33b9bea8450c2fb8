"""Each kind of fault once, on a running service: senders are asked to try again, and nothing is lost."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.shenbao.serving import Serving
from tests.torture import faults
from tests.torture.faults import DISK
from tests.torture.ordeal import Ordeal, ordeal

Hurt = Callable[[Serving], AbstractContextManager[None]]


def settled(ordeals: Ordeal, serve: Serving) -> None:
    serve.until(lambda: ordeals.quiet(serve))
    figures = ordeals.figures()
    assert figures.good, figures
    assert figures.uncertain == 0


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ordeal, Serving]]:
    folder = tmp_path_factory.mktemp("faults")
    with ordeal(folder) as ordeals, ordeals.serving(**faults.breakable(folder)) as serve:
        ordeals.post()
        settled(ordeals, serve)
        yield ordeals, serve


@pytest.mark.debian("dovecot", "fiu-run")
@pytest.mark.parametrize(
    ("hurt", "statuses"),
    [
        *(
            pytest.param(lambda serve, at=DISK[name]: faults.failing(serve, *at), {status}, id=name)
            for name, status in {
                "EIO at fsync": 451,
                "ENOSPC writing a file": 452,
                "ENOSPC writing the database": 452,
            }.items()
        ),
        pytest.param(lambda serve: faults.files_no_larger(serve, 0), {452}, id="no file may grow"),
        pytest.param(faults.short_of_memory, {250, 451, 452}, id="no memory"),  # it may need none
    ],
)
def test_a_broken_machine_asks_to_try_again_and_loses_nothing(
    begun: tuple[Ordeal, Serving], hurt: Hurt, statuses: set[int]
) -> None:
    ordeals, serve = begun
    large = ordeals.mail() + b"\r\n" * 4_000_000
    with hurt(serve):
        ordeals.mailbox.append(ordeals.mail())
        assert ordeals.senders.attempt(large) in statuses
    assert ordeals.senders.attempt(large) == 250
    settled(ordeals, serve)


@pytest.mark.debian("dovecot", "fiu-run")
def test_a_held_store_is_waited_for(begun: tuple[Ordeal, Serving]) -> None:
    ordeals, serve = begun
    with faults.locked(serve):
        ordeals.post()
        assert not ordeals.senders.done()
    settled(ordeals, serve)


@pytest.mark.debian("dovecot", "fiu-run")
@pytest.mark.parametrize(
    "renumber", [pytest.param(False, id="restarted"), pytest.param(True, id="renumbered")]
)
def test_the_imap_server_ends_and_comes_back(begun: tuple[Ordeal, Serving], renumber: bool) -> None:
    ordeals, serve = begun
    seen = len(serve.events("mailbox-trouble"))
    ordeals.mailbox.append(ordeals.mail())
    with faults.stopped(ordeals.mailbox):
        serve.wait("mailbox-trouble", seen + 1)
        if renumber:
            faults.forget_uids(ordeals.mailbox)
    ordeals.mailbox.append(ordeals.mail())
    settled(ordeals, serve)


@pytest.mark.debian("dovecot", "fiu-run")
def test_a_frozen_imap_server_is_waited_for(begun: tuple[Ordeal, Serving]) -> None:
    ordeals, serve = begun
    ordeals.mailbox.append(ordeals.mail())
    with faults.frozen(ordeals.mailbox):
        ordeals.senders.send(ordeals.mail())
        serve.until(ordeals.senders.done)
    settled(ordeals, serve)


@pytest.mark.debian("dovecot", "fiu-run")
def test_a_connection_cut_in_the_middle_of_a_mail(begun: tuple[Ordeal, Serving]) -> None:
    ordeals, serve = begun
    ordeals.wire.cuts = [6_000]  # the greeting and the list of UIDs pass, the mails do not
    with faults.stopped(ordeals.mailbox):
        pass
    ordeals.mailbox.append(ordeals.mail(), ordeals.mail() + b"x" * 100_000, ordeals.mail())
    settled(ordeals, serve)
    assert ordeals.wire.cuts == []


@pytest.mark.debian("dovecot", "faketime")
def test_a_clock_that_jumps(tmp_path: Path) -> None:
    with ordeal(tmp_path) as ordeals, ordeals.serving(**faults.jumping(tmp_path)) as serve:
        ordeals.forms = False  # libfaketime fails the readers' own sleeps once the clock has gone back
        for offset in ("+40d", "+44d", "+10d"):
            faults.set_clock(tmp_path, offset)
            ordeals.post()
            serve.until(ordeals.senders.done)
        settled(ordeals, serve)
