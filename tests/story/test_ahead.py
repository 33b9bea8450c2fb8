"""What is read ahead: in which order it is judged, what may pass what, and how several share a transaction."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest

import parsers
from intake import pipeline
from intake.mail.envelope import safe_name
from parsers.containers.archive import Opened, unpack
from parsers.documents import Facts
from storage.model import Code, LetterKind, MailOutcome, State
from tests.build import archives, facts, mails
from tests.build.mails import Draft
from tests.story.office import LIBRARY, Office, everything, form, licence, report

OTHERS = [facts.applicant(number, platform="wechat") for number in range(1, 12)]
SLOW = "慢.docx"


class Reader:
    """Reads in this process; what is called `slow` comes when it is let go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.held: list[tuple[Future[Facts], bytes]] = []
        self.closed: list[tuple[Future[Opened], bytes]] = []
        self.holds_containers = False

    def read(self, data: bytes, name: str) -> Future[Facts]:
        self.asked.append(name)
        future: Future[Facts] = Future()
        if name == SLOW:
            self.held.append((future, data))
        else:
            future.set_result(parsers.read(data, name))
        return future

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        future: Future[Opened] = Future()
        self.closed.append((future, data))
        if not self.holds_containers:
            future.set_result(unpack(data, name))
        return future

    def let_go(self) -> None:
        for future, data in self.held:
            future.set_result(parsers.read(data, SLOW))


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def slow(tmp_path: Path, reader: Reader) -> Iterator[Office]:
    with Office(tmp_path / "data", reader) as made:
        yield made


def scan(who: facts.Applicant) -> bytes:
    """Return a mail whose form takes its time."""
    return mails.mail(who, attachments=[(SLOW, form(who)[1])]).raw


def question(sender: str, text: str, subject: str = "请问") -> bytes:
    return mails.post(Draft(sender=sender, subject=subject, text=text)).raw


def test_all_that_wait_are_read_before_the_first_is_judged(slow: Office, reader: Reader) -> None:
    slow.keep(scan(LIBRARY))
    for seed, who in enumerate(OTHERS[:3]):
        slow.keep(mails.mail(who, attachments=[report(seed)]).raw)
    done = pipeline.work_off(slow.line, lambda: len(reader.asked) == 4)
    assert list(done) == []
    assert reader.asked == [SLOW, *["工作材料.docx"] * 3]


def test_words_that_change_nothing_do_not_wait_for_a_scan(slow: Office, reader: Reader) -> None:
    first = slow.keep(scan(LIBRARY))
    asks = slow.keep(question("zs@unit.example.cn", "请问何时公布？"))
    done = pipeline.work_off(slow.line)
    taken = next(done)
    assert (taken.message.id, taken.outcome) == (asks.id, MailOutcome.INQUIRY)
    assert taken.letter is not None
    reader.let_go()
    assert [one.message.id for one in done] == [first.id]


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(lambda: mails.mail(OTHERS[0], attachments=everything(OTHERS[0])).raw, id="material"),
        pytest.param(lambda: question("zs@unit.example.cn", "申请撤回申报"), id="a withdrawal"),
        pytest.param(lambda: question(LIBRARY.fields.email or "", "查询"), id="words of the same sender"),
    ],
)
def test_all_else_waits_for_what_was_received_before(
    slow: Office, reader: Reader, later: Callable[[], bytes]
) -> None:
    kept = [slow.keep(scan(LIBRARY)), slow.keep(later())]
    asks = slow.keep(question("li@unit.example.cn", "请问何时公布？"))
    done = pipeline.work_off(slow.line)
    assert next(done).message.id == asks.id
    reader.let_go()
    assert [one.message.id for one in done] == [one.id for one in kept]


def test_what_held_up_the_line_for_too_long_is_passed_and_then_rejects_nobody(
    slow: Office, reader: Reader
) -> None:
    """Both name one account; the one judged later came first, so a person decides."""
    line = msgspec.structs.replace(slow.line, patience=0)
    first = slow.keep(scan(LIBRARY))
    own = slow.keep(mails.mail(LIBRARY, attachments=[licence(LIBRARY)]).raw)
    rival = msgspec.structs.replace(LIBRARY.fields, organizer="亳州市气象局", email="qx@bz.example.cn")
    passing = msgspec.structs.replace(LIBRARY, fields=rival)
    other = slow.keep(mails.mail(passing, attachments=everything(passing)).raw)
    done = pipeline.work_off(line)
    assert next(done).message.id == other.id
    reader.let_go()
    after = list(done)
    assert [one.message.id for one in after] == [first.id, own.id]
    problems = {problem.code: problem.outcome.value for problem in after[0].applications[0].problems}
    assert problems[Code.DUPLICATE_ACCOUNT] == "review"
    assert after[-1].applications[0].state is not State.REJECTED


def test_a_container_that_is_not_open_yet_holds_up_no_reading(slow: Office, reader: Reader) -> None:
    reader.holds_containers = True
    zipped = archives.zipped([form(LIBRARY), report()])
    first = slow.keep(mails.mail(LIBRARY, attachments=[("材料.zip", zipped)]).raw)
    other = slow.keep(mails.mail(OTHERS[0], attachments=[form(OTHERS[0])]).raw)
    asks = slow.keep(question("zs@unit.example.cn", "请问何时公布？"))
    done = pipeline.work_off(slow.line)
    assert next(done).message.id == asks.id
    assert reader.asked == [safe_name(form(OTHERS[0])[0])]
    for future, data in reader.closed:
        future.set_result(unpack(data, "材料.zip"))
    assert [(one.message.id, one.outcome.value) for one in done] == [
        (first.id, "application"),
        (other.id, "application"),
    ]


def test_the_same_bytes_in_two_mails_are_read_once(slow: Office, reader: Reader) -> None:
    for who in OTHERS[:2]:
        slow.keep(mails.mail(who, attachments=[form(who), report()]).raw)
    list(pipeline.work_off(slow.line))
    assert reader.asked.count("工作材料.docx") == 1


def test_of_several_judged_together_one_that_fails_takes_no_other_with_it(slow: Office) -> None:
    kept = [slow.keep(mails.mail(who, attachments=[form(who)]).raw) for who in OTHERS[:3]]
    slow.store.db.execute(
        f"""CREATE TEMP TRIGGER broken BEFORE UPDATE OF outcome ON messages WHEN NEW.id = {kept[1].id}
            AND NEW.outcome = 'application' BEGIN SELECT RAISE(ABORT, 'a fault of this mail'); END"""
    )
    first = [one.message.id for one in pipeline.work_off(slow.line)]
    assert first == [kept[0].id, kept[2].id]
    assert [one.receipt for one in slow.all()] == ["WM2022-0001", "WM2022-0002"]
    assert slow.message(kept[1].id).tries == 1
    assert [one.kind for one in slow.letters()] == [LetterKind.CORRECTION] * 2
    slow.store.db.execute("DROP TRIGGER broken")
    assert [one.message.id for one in pipeline.work_off(slow.line)] == [kept[1].id]
    assert len(slow.letters()) == 3


def test_a_long_queue_is_judged_in_order_of_receipt(slow: Office) -> None:
    clocks = [slow.clock.replace(minute=minute) for minute in range(59, -1, -1)] * 3
    kept = {
        slow.keep(question(f"n{at}@unit.example.cn", f"请问第{at}件？"), clock).id: clock
        for at, clock in enumerate(clocks)
    }
    done = [kept[one.message.id] for one in pipeline.work_off(slow.line)]
    assert len(done) == 180
    assert done == sorted(done)
