"""An office for stories: a store in a folder, real workers, and mails that come in one after another."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import intake
from intake import pipeline
from intake.decisions import Desk
from intake.handling import Line, Taken
from intake.pipeline import Raw
from intake.readers import Reader
from storage import applications, messages, outbox
from storage.campaign_file import load
from storage.database import open_store
from storage.model import Application, Clock, Door, Letter, Message
from tests.build import facts, forms, licences, work
from tests.build.facts import Applicant
from tests.build.work import Work

CHINA = ZoneInfo("Asia/Shanghai")
CAMPAIGN = load(Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml")
START = datetime(2022, 5, 30, 9, 0, tzinfo=CHINA)
LATE = datetime(2022, 6, 4, 0, 0, tzinfo=CHINA)

File = tuple[str, bytes]


class Office:
    """Takes mails at given times; each comes a minute after the last unless it says otherwise."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        self.store = open_store(folder)
        self.clock = START
        self.line = Line(
            store=self.store,
            reader=reader,
            campaign=CAMPAIGN,
            sender="bzscbk@163.com",
            now=lambda: self.clock,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()

    def keep(self, raw: bytes, at: datetime | None = None, clock: Clock = Clock.INTERNALDATE) -> Message:
        """Keep a mail without judging it."""
        self.clock += timedelta(minutes=1)
        came = at or self.clock
        message, _ = pipeline.keep(self.store, Raw(raw, Door.IMAP, "test", came, clock), self.clock)
        return message

    def take(self, raw: bytes, at: datetime | None = None, clock: Clock = Clock.INTERNALDATE) -> Taken:
        """Keep a mail and judge it."""
        taken = pipeline.take(self.line, self.keep(raw, at, clock))
        assert taken is not None
        return taken

    def now(self, receipt: str) -> Application:
        found = applications.get(self.store.db, receipt)
        assert found is not None
        return found

    def all(self) -> list[Application]:
        return list(applications.every(self.store.db))

    def letters(self) -> list[Letter]:
        return outbox.every(self.store.db)

    def message(self, number: int) -> Message:
        found = messages.get(self.store.db, number)
        assert found is not None
        return found


def desk(office: Office) -> Desk:
    """Return where 王芳 decides, now."""
    return Desk(
        store=office.store,
        campaign=office.line.campaign,
        sender=office.line.sender,
        by="王芳",
        now=office.clock,
    )


def form(who: Applicant) -> File:
    return (f"{who.fields.name}申报表.docx", forms.docx(who).data)


def report(seed: int = 1) -> File:
    return ("工作材料.docx", work.docx(Work(words=600, pictures=3, seed=seed)))


def licence(who: Applicant) -> File:
    made = licences.as_text_pdf(who)
    return (made.name, made.data)


def everything(who: Applicant) -> Sequence[File]:
    """Return all that the notice asks for."""
    return (form(who), report(), licence(who))


def codes(application: Application) -> list[str]:
    """Return what is wrong, without the note that the seal of a Word file is seen on paper only."""
    found = [problem.code.value for problem in application.problems]
    return [code for code in found if code != "seal-unseen"]


LIBRARY = facts.applicant(0, platform="wechat")
