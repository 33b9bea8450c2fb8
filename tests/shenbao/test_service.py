"""The whole service as a process of its own, between real servers: what comes in, what goes out, how it ends."""

import logging
import os
import shutil
import signal
import smtplib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest

from intake import pipeline
from intake.doors.mailbox import Look
from intake.letters.sender import OutgoingSettings
from intake.pipeline import Raw
from shenbao import condition
from shenbao.alone import alone
from shenbao.options import Failure, now
from shenbao.outputs import moment
from shenbao.service import Service
from shenbao.settings import ListenerSettings, Settings, StoreSettings
from storage import applications, audit, marks, messages, outbox
from storage.campaign_file import load
from storage.database import open_store
from storage.model import Clock, Door, MailOutcome, State
from storage.verify import verify
from tests.bot.dingtalk_emulator import CLIENT, SECRET, DingTalk
from tests.bot.dingtalk_emulator import running as dingtalk_running
from tests.bot.emulator import TOKEN, Emulator
from tests.bot.emulator import running as telegram_running
from tests.build import facts, mails
from tests.build.facts import Applicant
from tests.conftest import SEARCHED
from tests.servers import (
    HOST,
    PASSWORD,
    USER,
    Mailbox,
    Sink,
    authority,
    dovecot,
    free_port,
    mail_devel,
    smtp_sink,
)
from tests.shenbao.conftest import Shenbao
from tests.shenbao.serving import (
    Serving,
    config,
    dated,
    letters,
    moments_ago,
    outgoing,
    serving,
    waited,
)
from tests.story.office import codes, everything, form

STAFF = 42


class Surroundings(msgspec.Struct):
    """A service with every door, and what is around it."""

    serve: Serving
    mailbox: Mailbox
    sink: Sink
    telegram: Emulator
    dingtalk: DingTalk


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    folder = tmp_path_factory.mktemp("serve")
    code = folder / "code"
    code.touch(0o600)
    code.write_text(f"{PASSWORD}\n")
    tls = authority(folder)
    secure = {"tls": "starttls", "ca_file": str(tls.ca), "user": USER}
    with (
        mail_devel() as mailbox,
        smtp_sink(tls, "starttls", login=True) as sink,
        telegram_running() as telegram,
        dingtalk_running() as dingtalk,
    ):
        settings = config(
            folder,
            mailbox={
                "host": HOST,
                "port": mailbox.imap,
                "user": USER,
                "password_file": str(code),
                "tls": "none",
                "poll_seconds": 1,
            },
            outgoing={**outgoing(sink), **secure},
            telegram={"base_url": telegram.base_url, "staff": [STAFF]},
            dingtalk={"base_url": dingtalk.base_url, "client_id": CLIENT, "staff": ["manager01"]},
        )
        secrets = {"SHENBAO_OUTGOING__PASSWORD": PASSWORD, "SHENBAO_TELEGRAM__TOKEN": TOKEN}
        secrets["SHENBAO_DINGTALK__CLIENT_SECRET"] = SECRET
        with serving(settings, **secrets) as serve:
            yield Surroundings(serve, mailbox, sink, telegram, dingtalk)


def answer_to(sink: Sink, message_id: str) -> EmailMessage:
    """Wait for the one letter that answers a mail."""

    def found() -> list[EmailMessage]:
        return [mail for mail in letters(sink) if mail["In-Reply-To"] == message_id]

    assert waited(lambda: bool(found()))
    (only,) = found()
    return only


def test_a_mail_by_smtp_is_answered_to_its_sender(whole: Surroundings) -> None:
    whole.telegram.wait(lambda: "getUpdates" in whole.telegram.calls)
    who = facts.applicant(0, platform="wechat")
    posted = mails.mail(who, attachments=everything(who))
    whole.serve.send(posted.raw)
    letter = answer_to(whole.sink, posted.envelope.message_id)
    assert letter["To"] == who.fields.email
    assert [mail.recipients for mail in whole.sink.mails] == [(who.fields.email,)]
    assert letter["From"].addresses[0].addr_spec == USER
    assert letter["Subject"].startswith("【收到】")
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["X-Auto-Response-Suppress"] == "All"
    assert USER in letter["X-Loop"]
    assert letter["References"] == posted.envelope.message_id
    body = letter.get_body(("plain",))
    assert body
    text, receipt = body.get_content(), codes_of(whole, who)[0]
    assert f"收件编号：{receipt}" in text
    assert "/start " in text
    assert "https://t.me/shenbao_bot?start=" in text
    assert [part.get_filename() for part in letter.iter_attachments()] == [f"查询二维码-{receipt}.png"]


def codes_of(whole: Surroundings, who: Applicant) -> tuple[str, State, list[str]]:
    """Return receipt, state and problems of an applicant's only application."""
    with whole.serve.store() as store:
        (one,) = [each for each in applications.every(store.db) if each.fields.name == who.fields.name]
    return one.receipt, one.state, codes(one)


def test_a_mail_by_both_doors_is_one_application(whole: Surroundings) -> None:
    who = facts.applicant(1, platform="douyin")
    posted = mails.mail(who, attachments=everything(who))
    judged = len(whole.serve.events("mail-judged"))
    whole.serve.send(posted.raw)
    whole.mailbox.append(posted.raw)
    told = whole.serve.wait("mail-judged", judged + 2)[judged:]
    assert sorted(entry["outcome"] for entry in told) == ["application", "duplicate"]
    assert codes_of(whole, who)[1] is State.ACCEPTED
    assert answer_to(whole.sink, posted.envelope.message_id)["To"] == who.fields.email


def test_mails_of_one_look_are_judged_by_their_time_of_receipt(whole: Surroundings) -> None:
    first = facts.applicant(6, platform="weibo")
    rival = facts.applicant(
        2, unit="company", platform="weibo", name=first.fields.name, identifier=first.fields.identifier
    )
    judged = len(whole.serve.events("mail-judged"))
    whole.mailbox.append(mails.mail(rival, attachments=[form(rival)]).raw, at=moments_ago(5))
    whole.mailbox.append(mails.mail(first, attachments=[form(first)]).raw, at=moments_ago(9))
    told = whole.serve.wait("mail-judged", judged + 2)[judged:]
    # Should the two come in two looks, the later mail is judged first and stands, so nothing is turned down.
    assert {state for entry in told for state in entry["states"]} <= {"correcting", "rejected", "reviewing"}
    with whole.serve.store() as store:
        found = [one for one in applications.every(store.db) if one.fields.name == first.fields.name]
    earlier = next(one for one in found if one.fields.organizer == first.fields.organizer)
    assert earlier.state is not State.REJECTED


def test_the_listener_takes_nothing_for_others(whole: Surroundings) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        whole.serve.send(b"Subject: x\r\n\r\nx", to="someone@163.com")
    assert refused.value.recipients["someone@163.com"][0] == 550


def test_staff_ask_the_bot(whole: Surroundings) -> None:
    whole.telegram.say(STAFF, "/quota")
    whole.telegram.wait(lambda: any("谯城区" in sent.text for sent in whole.telegram.sent))


def test_staff_ask_on_dingtalk(whole: Surroundings) -> None:
    whole.dingtalk.say("manager01", "/status")
    assert whole.dingtalk.answers(1)[0].text.startswith("共")


def test_a_second_service_on_the_same_data_is_refused(whole: Surroundings, tmp_path: Path) -> None:
    settings = Settings(store=StoreSettings(data=str(whole.serve.data)), listener=ListenerSettings(port=0))
    with pytest.raises(Failure, match=f"另一个 shenbao serve.*进程 {whole.serve.process.pid}"):
        Service(settings, load(dated(tmp_path))).run()


def test_the_log_is_json_and_tells_no_secret(whole: Surroundings) -> None:
    assert whole.serve.wait("serving")[0]["level"] == "info"
    told = whole.serve.log.read_text("utf-8")
    assert PASSWORD not in told
    assert TOKEN not in told
    assert SECRET not in told
    assert "Traceback" not in told
    assert whole.serve.events("duty-failed") == []


def test_the_store_is_sound_and_healthy(whole: Surroundings, shenbao: Shenbao) -> None:
    whole.serve.until(lambda: _looked(whole.serve) and _idle(whole.serve))
    ran = shenbao("health", "--data", whole.serve.data, "--json")
    (health,) = ran.lines
    assert (ran.status, health["good"], health["mailbox_fresh"]) == (0, True, True)
    assert (health["mails_waiting"], health["letters_stuck"], health["letters"]["queued"]) == (0, 0, 0)
    assert 0 < health["outgoing_left"]["hour"] < 1000
    assert shenbao("verify", "--data", whole.serve.data).status == 0
    assert sum(True for mail in whole.mailbox.flags() if b"Seen" in mail) == 0


def _idle(serve: Serving) -> bool:
    with serve.store() as store:
        return not messages.waiting(store.db) and not outbox.due(store.db, now(), 1)


def _looked(serve: Serving) -> bool:
    with serve.store() as store:
        return marks.get(store.db, condition.LOOKED) is not None


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


THREE = tuple(facts.applicant(number, platform="wechat") for number in (0, 1, 2))


def killed(serve: Serving) -> None:
    serve.process.kill()
    assert serve.process.wait(20) == -signal.SIGKILL


def ended_with_its_readers(serve: Serving) -> None:
    """As systemd does: the readers are told to end as well."""
    os.killpg(serve.process.pid, signal.SIGTERM)
    assert serve.process.wait(60) == 0
    assert serve.events("stopped")


def interrupted(settings: Path, end: Callable[[Serving], None], raws: Sequence[bytes] = ()) -> None:
    """Run the service, hand it mails, and end it while a reader has begun and mails wait."""
    with serving(settings, end.__name__) as serve:
        for raw in raws:
            serve.send(raw)
        serve.until(lambda: len(serve.family()) >= 4)  # the service, its two helpers, a reader
        end(serve)
        assert waited(lambda: serve.family() == [], 20)
        with serve.store() as store:
            assert messages.count(store.db) == len(THREE)
            assert messages.waiting(store.db)


def test_what_was_kept_is_judged_and_answered_once_however_it_ends(tmp_path: Path, sink: Sink) -> None:
    settings = config(tmp_path, outgoing=outgoing(sink))
    sent = [mails.mail(who, attachments=everything(who)) for who in THREE]
    interrupted(settings, killed, [each.raw for each in sent])
    interrupted(settings, ended_with_its_readers)
    with serving(settings, "at last") as serve:
        serve.until(lambda: _idle(serve))
        assert serve.stop() == 0
        with serve.store() as store:
            found = list(applications.every(store.db))
            assert [(one.state, one.version) for one in found] == [(State.ACCEPTED, 1)] * 3
            assert verify(store) == []
            assert len(outbox.every(store.db)) == 3
    assert sorted(mail["In-Reply-To"] for mail in letters(sink)) == sorted(
        each.envelope.message_id for each in sent
    )


def test_an_unreachable_mailbox_stops_nothing_else(tmp_path: Path, sink: Sink, shenbao: Shenbao) -> None:
    mailbox = {"host": HOST, "port": free_port(), "user": USER, "tls": "none"}
    settings = config(tmp_path, outgoing=outgoing(sink), mailbox=mailbox)
    posted = mails.post(mails.Draft(sender="a@unit.example.cn", subject="请问", text="怎样申报？"))
    with serving(settings, SHENBAO_MAILBOX__PASSWORD=PASSWORD) as serve:
        serve.wait("mailbox-trouble")
        serve.send(posted.raw)
        assert answer_to(sink, posted.envelope.message_id)["To"] == "a@unit.example.cn"
        ran = shenbao("health", "--data", serve.data)
        assert ran.status == 1
        assert f"连不上 {HOST}" in ran.out
        assert serve.stop() == 0


@contextmanager
def in_a_thread(service: Service) -> Iterator[None]:
    """Run a service in this process, where starting it costs nothing."""
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield
    finally:
        service.stop.set()
        thread.join(30)
        assert not thread.is_alive()


def settings_of(folder: Path, **more: Any) -> Settings:
    return Settings(store=StoreSettings(data=str(folder / "data")), **more)


def test_a_failing_duty_is_told_and_harms_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, shenbao: Shenbao
) -> None:
    caplog.set_level(logging.INFO)
    data = tmp_path / "data"
    with open_store(data) as store:
        posted = mails.post(mails.Draft(sender="a@unit.example.cn", subject="请问", text="怎样申报？"))
        pipeline.keep(store, Raw(posted.raw, Door.FILE, "x", now(), Clock.LISTENER), now())
        impossible = OutgoingSettings(host="no..host", sender=USER)  # UnicodeError, which nobody expects
        with in_a_thread(Service(settings_of(tmp_path, outgoing=impossible), load(dated(tmp_path)))):
            assert waited(lambda: "duty-failed" in caplog.text)
            assert waited(lambda: messages.waiting(store.db) == [])
    ran = shenbao("health", "--data", data)
    assert ran.status == 1
    assert "sender" in ran.out


def test_a_mail_that_failed_is_not_tried_again_at_once(tmp_path: Path, shenbao: Shenbao) -> None:
    data = tmp_path / "data"
    with open_store(data) as store:
        posted = mails.post(mails.Draft(sender="a@unit.example.cn", subject="请问", text="怎样申报？"))
        message, _ = pipeline.keep(store, Raw(posted.raw, Door.FILE, "x", now(), Clock.LISTENER), now())
        store.blobs.path(message.sha256).unlink()
        with in_a_thread(Service(settings_of(tmp_path), load(dated(tmp_path)))):
            assert waited(lambda: messages.waiting(store.db)[0].tries == 1)
            time.sleep(2)
            assert [one.tries for one in messages.waiting(store.db)] == [1]
    assert shenbao("health", "--data", data).status == 1


def test_an_idle_service_does_nothing(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, listener=ListenerSettings(port=0))
    with in_a_thread(Service(settings, load(dated(tmp_path)))):
        time.sleep(0.5)
        before = time.process_time()
        time.sleep(2)
        assert time.process_time() - before < 0.5


def test_a_port_that_is_taken_is_told(tmp_path: Path, sink: Sink) -> None:
    settings = settings_of(tmp_path, listener=ListenerSettings(port=sink.port))
    with pytest.raises(Failure, match=rf"127\.0\.0\.1:{sink.port}.*端口已被别的程序占用"):
        Service(settings, load(dated(tmp_path))).run()


def test_a_folder_is_held_by_one_and_let_go(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(Failure, match=f"进程 {os.getpid()}"), alone(tmp_path):
        pass
    with alone(tmp_path):
        assert oct((tmp_path / "serve.lock").stat().st_mode)[-3:] == "600"


def test_what_health_says_of_stopped_sending(tmp_path: Path, sink: Sink, shenbao: Shenbao) -> None:
    sink.answers["DATA"] = ["554 DT:SPM 163 smtp5"]
    posted = mails.post(mails.Draft(sender="a@unit.example.cn", subject="请问", text="怎样申报？"))
    data = tmp_path / "data"
    with open_store(data) as store:
        pipeline.keep(store, Raw(posted.raw, Door.FILE, "x", now(), Clock.LISTENER), now())
        sending = OutgoingSettings(host=HOST, port=sink.port, tls="none", sender=USER)
        with in_a_thread(Service(settings_of(tmp_path, outgoing=sending), load(dated(tmp_path)))):
            assert waited(lambda: "sending-stopped" in [row["event"] for row in store.db["audit"].rows])
    (health,) = shenbao("health", "--data", data, "--json").lines
    assert (health["good"], health["sending_stopped_by"]) == (False, 1)
    assert "垃圾邮件" in shenbao("health", "--data", data).out
    assert shenbao("drop", 1, "--data", data).status == 0
    (health,) = shenbao("health", "--data", data, "--json").lines
    assert health["sending_stopped_by"] is None


def test_the_mailboxs_trouble_is_noted_once_and_its_end_too(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for told in ("连不上", "连不上", "授权码不对"):
            condition.mailbox_troubled(store, told, now())
        assert condition.report(store, now())["good"] is False
        condition.looked(store, Look(), now())
        condition.looked(store, Look(), now())
        events = [event["event"] for event in store.db["audit"].rows]
        assert events == ["mailbox-trouble", "mailbox-trouble", "mailbox-back", "mailbox-checked"]
        assert condition.report(store, now())["good"] is True


def test_a_mailbox_out_of_reach_for_ten_minutes_is_told_once_and_its_return_too(tmp_path: Path) -> None:
    began, minute = now(), timedelta(minutes=1)

    def told() -> list[str]:
        return [row["event"] for row in store.db["audit"].rows if "reached" in row["event"]]

    with open_store(tmp_path) as store:
        condition.looked(store, Look(), began - 60 * minute)  # an earlier run's
        condition.mailbox_awaited(store, began, began + 9 * minute)
        assert told() == []
        for later in (10, 11, 30):
            condition.mailbox_awaited(store, began, began + later * minute)
        assert told() == ["mailbox-unreached"]
        health = condition.report(store, began + 30 * minute)
        assert (health["good"], health["mailbox_unreached_since"]) == (False, moment(began))
        condition.looked(store, Look(), began + 31 * minute)
        condition.mailbox_awaited(store, began, began + 32 * minute)
        assert told() == ["mailbox-unreached", "mailbox-reached"]
        assert condition.report(store, began + 32 * minute)["good"]


def test_what_the_box_keeps_back_is_told_until_it_comes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        lacking = Look(lacking=(7, 9), not_moved="邮箱服务器不支持安全的移动")
        for found in (lacking, lacking, Look()):
            condition.looked(store, found, now())
            lines = "".join(condition.told(condition.report(store, now())))
            assert ("UID 7、9" in lines, "安全的移动" in lines) == (found is lacking,) * 2
        told = [row["event"] for row in store.db["audit"].rows if row["event"] != "mailbox-checked"]
        assert told == ["mailbox-lacking", "mails-not-moved", "mailbox-complete", "mails-moved"]


def test_a_disk_that_is_nearly_full_is_told(tmp_path: Path) -> None:
    assert condition.disk_low(tmp_path) is None
    assert condition.disk_low(Path("/proc")) == 0  # a file system without room


@pytest.mark.debian("dovecot")
def test_a_real_imap_server_with_tls(tmp_path: Path, sink: Sink) -> None:
    tls = authority(tmp_path)
    who = facts.applicant(0, platform="wechat")
    posted = mails.mail(who, attachments=everything(who))
    with dovecot(tls) as server:
        server.append(posted.raw, at=moments_ago(3))
        mailbox = {"host": "localhost", "port": server.imaps or 0, "user": USER, "ca_file": str(tls.ca)}
        settings = config(tmp_path, outgoing=outgoing(sink), mailbox=mailbox, listener={})
        with serving(settings, SHENBAO_MAILBOX__PASSWORD=PASSWORD) as serve:
            letter = answer_to(sink, posted.envelope.message_id)
            assert f"{moments_ago(3):%H}" in letter.get_content()
            assert serve.stop() == 0
            with serve.store() as store:
                (one,) = applications.every(store.db)
                assert one.state is State.ACCEPTED
                (message,) = messages.recent(store.db, 5)
                assert (message.door, message.clock) == (Door.IMAP, Clock.INTERNALDATE)
        assert not any(b"Seen" in line for line in server.flags())


@pytest.mark.debian("swaks")
def test_a_form_sent_by_swaks(tmp_path: Path, sink: Sink) -> None:
    program = shutil.which("swaks", path=SEARCHED)
    assert program
    name, data = form(THREE[0])
    (tmp_path / name).write_bytes(data)
    with serving(config(tmp_path, outgoing=outgoing(sink))) as serve:
        command = [program, "--server", f"{HOST}:{serve.port}", "--to", USER, "--from", "a@unit.example.cn"]
        command += ["--h-Subject", "apply", "--attach-name", name, "--attach", f"@{tmp_path / name}"]
        subprocess.run(command, check=True, capture_output=True, timeout=30, env={"PATH": os.environ["PATH"]})
        assert waited(lambda: bool(sink.mails))
        (letter,) = letters(sink)
        assert letter["To"] == "a@unit.example.cn"
        assert letter["Subject"].startswith("【请补正】")
        assert serve.wait("mail-judged")[0]["outcome"] == MailOutcome.APPLICATION
        with serve.store() as store:
            (one,) = applications.every(store.db)
            assert one.fields == THREE[0].fields
            assert codes(one) == ["work-missing", "qualification-missing"]
            assert audit.history(store.db, one.receipt)
