"""A mail that takes the whole process with it is met three times, and then put aside for a person."""

import signal
import subprocess
import sys
from pathlib import Path

from msgspec.structs import replace

from intake import pipeline, underway
from storage import messages
from storage.model import MailOutcome
from tests.build import mails
from tests.story.office import LIBRARY, Office, form

ROOT = Path(__file__).parent.parent.parent


def started(office: Office) -> int:
    """Run a process over the office's mails and return how it ended."""
    command = [sys.executable, "-m", "tests.story.dying", str(office.store.folder)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def test_a_mail_that_kills_the_process_is_put_aside_at_the_third_time_and_the_queue_goes_on(
    office: Office,
) -> None:
    deadly = office.keep(mails.mail(LIBRARY, attachments=[("毒.bin", b"poison")]).raw)
    after = office.keep(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw)
    assert [started(office) for _ in range(3)] == [-signal.SIGKILL] * 3
    (taken,) = pipeline.work_off(office.line)
    assert taken.message.id == after.id
    found = office.message(deadly.id)
    assert (found.outcome, found.tries) == (MailOutcome.QUARANTINED, 3)
    assert "意外中断" in (found.reason or "")
    assert office.message(after.id).outcome is MailOutcome.APPLICATION
    assert underway.left(office.store) == []


def test_a_mail_that_was_finished_when_the_process_died_is_not_blamed(office: Office) -> None:
    taken = office.take(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw)
    underway.note(office.store, taken.message)
    assert list(pipeline.work_off(office.line)) == []
    assert office.message(taken.message.id).tries == 0


def test_what_is_left_of_another_kind_blames_nobody(office: Office) -> None:
    waiting = office.keep(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw)
    underway.note(office.store, replace(waiting, id=4711))
    (office.store.folder / underway.NAME.format(1 << 30)).write_text("")
    (office.store.folder / underway.NAME.format("x")).write_text(str(waiting.id))
    pipeline.resume(office.line)
    assert messages.waiting(office.store.db)[0].tries == 1
    assert list(office.store.folder.glob("underway*")) == []


def test_what_another_process_is_at_it_has_not_died_over(office: Office) -> None:
    """`retry` and `ingest` work beside the service."""
    waiting = office.keep(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (office.store.folder / underway.NAME.format(other.pid)).write_text(str(waiting.id))
        pipeline.resume(office.line)
        assert messages.waiting(office.store.db)[0].tries == 0
        other.kill()
        other.wait()
        pipeline.resume(office.line)
    assert messages.waiting(office.store.db)[0].tries == 1


def test_one_mail_taken_alone_leaves_nothing_behind(office: Office) -> None:
    pipeline.take(office.line, office.keep(mails.mail(LIBRARY, attachments=[form(LIBRARY)]).raw))
    assert list(office.store.folder.glob("underway*")) == []
