"""`python -m tests.bot.demo`: the real bot talks to an emulated Telegram on loopback, over an invented office.

It prints what staff and an applicant ask and what they are answered. With `--picture FILE` it draws that as
three telephones (a browser makes the picture: chromium); `docs/chat.png` is made so.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import msgspec

from bot.access import Desk
from bot.telegram import TelegramSettings, run
from storage import applications, documents
from storage.database import open_store
from storage.model import Application, Code, DocumentType
from tests.bot import chat_picture, made
from tests.bot.emulator import TOKEN, Emulator, Sent, running

STAFF, APPLICANT = 7001, 9009


class Turn(msgspec.Struct, frozen=True):
    """What somebody sent or pressed, and what the bot sent upon it."""

    typed: str
    pressed: str
    answers: tuple[Sent, ...]


class Talk(msgspec.Struct, frozen=True):
    title: str
    turns: tuple[Turn, ...]


TALKS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("工作人员：今天的情况", STAFF, ("/today", "/problems", "/quota", "/list 待补正")),
    ("工作人员：办一件申报", STAFF, ("/search 故里", "/status 3", "[收到纸质件]", "[确认]")),
    (
        "申报单位：查询进度",
        APPLICANT,
        (f"/start {made.token_of(2)}", f"/start {made.token_of(8)}", "/status"),
    ),
)  # an entry in brackets is a button under what came last

UNITS = (
    "亳州市融媒体中心", "亳州市药都文化馆", "亳州市魏武书院", "亳州市晚晴书店", "谯城区融媒体中心",
    "谯城区文化旅游局", "涡阳县老子文化园", "亳州市教育信息中心", "亳州市牡丹园艺社",
)  # fmt: skip
FILES = (
    ("申报表.docx", DocumentType.FORM),
    ("工作材料.docx", DocumentType.WORK),
    ("营业执照.jpg", DocumentType.QUALIFICATION),
)
MORE: dict[Code, dict[str, str]] = {
    Code.PICTURES_TOO_FEW: {"message": "工作材料里只有2张相关图片，要求三张以上，请补充后发来。"},
    Code.QUALIFICATION_MISMATCH: {"fact": "证上是“亳州市魏武文化传播中心”"},
}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bot.demo")
    parser.add_argument("--picture", type=Path, help="draw the talks as a PNG")
    given = parser.parse_args(arguments)
    talks = tuple(talked())
    for talk in talks:
        sys.stdout.write(shown(talk))
    if given.picture:
        chat_picture.draw([(talk.title, list(_bubbles(talk))) for talk in talks], given.picture)


def talked() -> Iterator[Talk]:
    """Yield the talks as the real bot holds them."""
    with tempfile.TemporaryDirectory() as folder, running() as service, _answering(service, Path(folder)):
        for title, user, asked in TALKS:
            yield Talk(title, tuple(_turn(service, user, each) for each in asked))


def _turn(service: Emulator, user: int, typed: str) -> Turn:
    before = len(service.sent)
    if typed.startswith("["):
        label = typed.strip("[]")
        last = next(one for one in reversed(service.sent) if one.keyboard)
        service.press(user, last.carried(label))
    else:
        label = ""
        service.say(user, typed)
    service.wait(lambda: service.confirmed > service.updates[-1]["update_id"])
    return Turn("" if label else typed, label, tuple(service.sent[before:]))


@contextmanager
def _answering(service: Emulator, folder: Path) -> Iterator[None]:
    """Run the bot over the office's store until the end."""
    with open_store(folder) as store, store.transaction() as db:
        for one in _office():
            files = [
                (name, kind, sha256(f"{one.receipt} {name}".encode()).hexdigest()) for name, kind in FILES
            ]
            applications.issue(db, made.CAMPAIGN.receipt_prefix)
            applications.save(db, one, message=None, documents=documents.add(db, None, files))

    @contextmanager
    def desks() -> Iterator[Desk]:
        with open_store(folder) as store:
            yield Desk(store=store, campaign=made.CAMPAIGN, now=lambda: made.NOW)

    settings = TelegramSettings(token=TOKEN, base_url=service.base_url, deciders=(STAFF,), details="full")
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(settings, desks, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _office() -> Iterator[Application]:
    """Yield the tests' applications with names and times that a city would have."""
    for number, (one, unit) in enumerate(zip(made.office(), UNITS, strict=True)):
        came = made.NOW - timedelta(hours=10 * (len(UNITS) - number) - 7)
        yield msgspec.structs.replace(
            one,
            fields=msgspec.structs.replace(one.fields, organizer=unit),
            submitter=one.submitter if one.county else unit,
            problems=tuple(msgspec.structs.replace(each, **MORE.get(each.code, {})) for each in one.problems),
            received_at=came,
            changed_at=came,
        )


def shown(talk: Talk) -> str:
    """Return a talk as lines for a terminal."""
    lines = [f"—— {talk.title} ——"]
    for turn in talk.turns:
        lines += ["", f"› {turn.typed or f'（按“{turn.pressed}”）'}"]
        for one in turn.answers:
            lines += one.text.splitlines() or [f"（文件 {one.name}，{len(one.file)}字节）"]
            lines += [f"  [{'] ['.join(key['text'] for key in row)}]" for row in one.keyboard]
    return "\n".join([*lines, "", ""])


def _bubbles(talk: Talk) -> Iterator[chat_picture.Bubble]:
    for number, turn in enumerate(talk.turns):
        if turn.typed:
            yield chat_picture.Bubble(turn.typed, mine=True)
        after = talk.turns[number + 1 :]
        pressed = after[0].pressed if after else ""
        for one in turn.answers:
            rows = tuple(tuple(str(key["text"]) for key in row) for row in one.keyboard)
            yield chat_picture.Bubble(one.text, table=bool(one.entities), rows=rows, pressed=pressed)


if __name__ == "__main__":
    main(sys.argv[1:])
