"""Reading on a real cluster: dask's own scheduler and workers as processes, killed, stopped, of another version.

`home` here can read nothing (it has a megabyte of memory), so that what it was left to read is told apart.
"""

import functools
import hashlib
import io
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageDraw

import parsers
from parsers import reader
from parsers.cluster import door, members, task
from parsers.cluster.elsewhere import Cluster, Terms
from parsers.documents import Facts, decode, encode
from parsers.workers import Workers
from tests.parsers import misdeeds
from tests.parsers.cluster.farm import ROOT, run_there, scheduler, until, worker
from tests.servers import HOST, free_port

TIMEOUT = 120
PAUSES = (0.2, 0.5)


def picture(number: int) -> bytes:
    """Return a picture of its own that takes a while to read: a line of print."""
    page = Image.new("RGB", (600, 200), "white")
    ImageDraw.Draw(page).text((40, 60), f"BOZHOU {number}", "black", font_size=64)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


PICTURES = [picture(number) for number in range(6)]


@pytest.fixture(scope="module")
def at_home() -> list[Facts]:
    return [decode(encode(reader.read(data, "图.png"))) for data in PICTURES]


@pytest.fixture
def home() -> Iterator[Workers]:
    with Workers(1, memory_mb=1) as narrow:
        yield narrow


@pytest.fixture(scope="module")
def farm() -> Iterator[str]:
    """A cluster of two machines that nobody harms."""
    with scheduler() as (address, _), worker(address), worker(address):
        until(lambda: members.attempt(address)[0])
        yield address


class Heard(list[str]):
    """What was told of the cluster; `last` is '' before anything was."""

    @property
    def last(self) -> str:
        return self[-1] if self else "nothing yet"


def here(facts: Facts) -> bool:
    """Say whether a file was left to `home`, which could not read it."""
    return facts.reader == "limits"


def joined(
    address: str, home: Workers, heard: Heard, path_of: Callable[[str], Path] | None = None
) -> Cluster:
    return Cluster(Terms(address=address, pauses=PAUSES, path_of=path_of), home, heard.append)


def test_a_machine_killed_in_the_middle_costs_nothing(at_home: list[Facts], home: Workers) -> None:
    heard = Heard()
    with scheduler() as (address, _), worker(address) as first, worker(address):
        until(lambda: "2台" in members.attempt(address)[1])
        with joined(address, home, heard) as cluster:
            until(lambda: heard.last == "")
            done: list[int] = []
            futures = [cluster.read(data, "图.png") for data in PICTURES]
            for place, future in enumerate(futures):
                future.add_done_callback(functools.partial(_note, done, place))
            until(lambda: bool(done))
            first.kill()
            assert not all(future.done() for future in futures)
            assert [future.result(TIMEOUT) for future in futures] == at_home
        assert sorted(done) == list(range(len(PICTURES)))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_cluster_that_vanishes_is_done_without_and_used_again(
    how: signal.Signals, at_home: list[Facts], home: Workers
) -> None:
    heard, port = Heard(), free_port()
    with scheduler(port) as (address, head), worker(address):
        until(lambda: members.attempt(address)[0])
        with joined(address, home, heard) as cluster:
            until(lambda: heard.last == "")
            futures = [cluster.read(data, "图.png") for data in PICTURES]
            until(lambda: any(future.done() for future in futures))
            head.send(how)
            facts = [future.result(TIMEOUT) for future in futures]
            assert all(each == read or here(each) for each, read in zip(facts, at_home, strict=True))
            assert any(map(here, facts))
            until(lambda: "本机读取" in heard.last)
            head.kill()
            with scheduler(port), worker(address):
                until(lambda: heard.last == "")
                assert cluster.read(PICTURES[0], "图.png").result(TIMEOUT) == at_home[0]


@pytest.mark.parametrize(
    ("misdeed", "arguments"),
    [
        pytest.param(misdeeds.hang, (60,), id="sleeps for ever"),
        pytest.param(misdeeds.spin, (), id="computes for ever"),
        pytest.param(misdeeds.grow, (), id="wants more memory than it may have"),
    ],
)
def test_only_the_hostile_file_suffers(
    farm: str, misdeed: Callable[..., str], arguments: tuple[object, ...]
) -> None:
    link = door.join(farm)
    machine = frozenset(sorted(link.machines())[:1])
    bad = link.submit(run_there, misdeed, 1.0, *arguments, machines=machine)
    good = link.submit(run_there, misdeeds.hang, 1.0, 0.0, machines=machine)
    assert (outcome(bad), outcome(good)) == (b"timeout", b"done")
    assert link.machines() >= machine
    link.close()


@pytest.mark.parametrize(
    ("memory_mb", "seconds", "limited"),
    [
        pytest.param(1, 60, True, id="memory"),
        pytest.param(2048, 0.001, True, id="time"),
        pytest.param(2048, 60, False, id="within"),
    ],
)
def test_the_limits_of_the_office_hold_there(
    farm: str, at_home: list[Facts], memory_mb: int, seconds: float, limited: bool
) -> None:
    heard, terms = Heard(), Terms(address=farm, memory_mb=memory_mb, seconds=seconds)
    with Workers(1) as honest, Cluster(terms, honest, heard.append) as cluster:
        until(lambda: heard.last == "")
        facts = cluster.read(PICTURES[0], "图.png").result(TIMEOUT)
    assert (facts.reader == "limits", facts == at_home[0]) == (limited, not limited)


def test_a_machine_with_another_version_is_refused_and_the_others_are_used(
    tmp_path: Path, at_home: list[Facts], home: Workers
) -> None:
    shutil.copytree(ROOT / "parsers", tmp_path / "parsers", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "parsers" / "text.py").open("a") as changed:
        changed.write("# another version\n")
    heard = Heard()
    with (
        scheduler() as (address, _),
        worker(address, code=tmp_path) as other,
        joined(address, home, heard) as cluster,
    ):
        until(lambda: "读取程序的版本是" in heard.last)
        assert here(cluster.read(PICTURES[0], "图.png").result(TIMEOUT))
        good, told = members.attempt(address)
        assert (good, parsers.VERSION in told) == (False, True)
        with worker(address):
            until(lambda: "有1台工作机在用" in heard.last)
            assert [cluster.read(data, "图.png").result(TIMEOUT) for data in PICTURES[:2]] == at_home[:2]
            other.kill()
            until(lambda: heard.last == "")


def test_a_version_that_changes_behind_an_address_is_refused_by_the_task_itself(farm: str) -> None:
    link = door.join(farm)
    order = task.Order(sha256="0" * 64, name="a.png", version="another", memory_mb=1024, seconds=60)
    sent = link.submit(task.read, msgspec.json.encode(order), PICTURES[0], machines=link.machines())
    assert msgspec.json.decode(outcome(sent), type=task.Answer) == task.Answer(version=parsers.VERSION)
    link.close()


def test_a_machine_that_may_start_no_process_is_told(home: Workers) -> None:
    heard = Heard()
    with (
        scheduler() as (address, _),
        worker(address, "--nworkers", "1"),
        joined(address, home, heard) as cluster,
    ):
        until(lambda: "--no-nanny" in heard.last)
        assert here(cluster.read(PICTURES[0], "图.png").result(TIMEOUT))


def test_a_file_on_a_shared_folder_is_read_where_it_lies(
    farm: str, tmp_path: Path, at_home: list[Facts]
) -> None:
    blob = tmp_path / "blob"
    blob.write_bytes(PICTURES[0])
    assert lying(farm, blob).facts == at_home[0]
    blob.write_bytes(PICTURES[1])  # another file under its name: found out by its digest
    assert lying(farm, blob) == task.Answer()
    assert lying(farm, tmp_path / "not there") == task.Answer()


def lying(address: str, path: Path) -> task.Answer:
    """Return what a machine answers that is asked for the first picture at `path`."""
    link = door.join(address)
    order = task.Order(
        sha256=hashlib.sha256(PICTURES[0]).hexdigest(),
        name="图.png",
        version=parsers.VERSION,
        memory_mb=2048,
        seconds=60,
        path=str(path),
    )
    sent = link.submit(task.read, msgspec.json.encode(order), None, machines=link.machines())
    answer = msgspec.json.decode(outcome(sent), type=task.Answer)
    link.close()
    return answer


def test_bytes_are_sent_where_the_folder_is_not_shared(
    farm: str, tmp_path: Path, at_home: list[Facts], home: Workers
) -> None:
    lies = tmp_path / "lies"
    lies.write_bytes(b"what another machine has there")
    heard = Heard()
    with joined(farm, home, heard, lambda _: lies) as cluster:
        until(lambda: heard.last == "")
        futures = [cluster.read(data, "图.png") for data in PICTURES]
        assert [future.result(TIMEOUT) for future in futures] == at_home


def test_nobody_there(at_home: list[Facts]) -> None:
    heard, address = Heard(), f"tcp://{HOST}:{free_port()}"
    with Workers(1) as honest, joined(address, honest, heard) as cluster:
        assert cluster.read(PICTURES[0], "图.png").result(TIMEOUT) == at_home[0]
    assert heard
    assert all("连不上集群" in each for each in heard)
    assert members.attempt(address)[0] is False


def test_a_machine_without_workers_is_told(home: Workers) -> None:
    heard = Heard()
    with scheduler() as (address, _), joined(address, home, heard) as cluster:
        until(lambda: heard.last.startswith(members.NONE))
        assert here(cluster.read(PICTURES[0], "图.png").result(TIMEOUT))


def test_the_extra_that_is_not_installed_is_told() -> None:
    code = (
        "import sys; sys.modules['distributed'] = None; from parsers.cluster import members;"
        "print(members.attempt('tcp://127.0.0.1:1'))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "pip install distributed" in ran.stdout


def test_nothing_is_left_of_a_machine_that_died(at_home: list[Facts], home: Workers) -> None:
    heard = Heard()
    with scheduler() as (address, _), worker(address) as only, joined(address, home, heard) as cluster:
        until(lambda: heard.last == "")
        assert cluster.read(PICTURES[0], "图.png").result(TIMEOUT) == at_home[0]
        assert len(only.family()) > 1
        only.kill_alone()
        until(lambda: not only.family())


def test_leaving_by_an_exception_drops_what_was_asked(farm: str, home: Workers) -> None:
    heard = Heard()
    cluster = joined(farm, home, heard).__enter__()
    until(lambda: heard.last == "")
    futures = [cluster.read(data, "图.png") for data in PICTURES]
    cluster.close(wait=False)
    waiting = [future for future in futures if not future.exception()]
    assert len(waiting) < len(futures)
    assert all(isinstance(future.exception(), CancelledError) for future in futures if future not in waiting)


def _note(done: list[int], place: int, _future: Future[Facts]) -> None:
    done.append(place)


def outcome(sent: door.Task) -> bytes:
    """Return what came of a task, waited for."""
    done: list[door.Task] = []
    sent.then(done.append)
    until(lambda: bool(done), TIMEOUT)
    return sent.outcome()
