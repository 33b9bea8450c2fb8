"""`python -m tests.story.dying FOLDER`: works off a store's mails with a reader that takes the process with it."""

import os
import signal
import sys
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import intake
from intake import pipeline
from intake.handling import Line
from parsers.containers.archive import Opened
from parsers.documents import Facts
from storage.campaign_file import load
from storage.database import open_store

CAMPAIGNS = Path(intake.__file__).parent / "campaigns"


class Deadly:
    """A reader that no process survives, as one whose library faults."""

    def read(self, data: bytes, name: str) -> Future[Facts]:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError(name, len(data))

    def unpack(self, data: bytes, name: str) -> Future[Opened]:
        raise AssertionError(name, len(data))


def main(folder: Path) -> None:
    at = datetime(2022, 5, 30, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    with open_store(folder) as store:
        line = Line(
            store=store,
            reader=Deadly(),
            campaign=load(CAMPAIGNS / "bozhou-2022.toml"),
            sender="bzscbk@163.com",
            now=lambda: at,
        )
        list(pipeline.work_off(line))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
