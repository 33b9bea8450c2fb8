"""`shenbao ingest` and `shenbao parse`: mails and files from the disk."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from intake import pipeline, rules
from intake.doors import files
from intake.handling import Line, Taken
from intake.mail import envelope
from intake.opening import laid_out
from intake.pipeline import Raw
from intake.rules.finding import SURE
from parsers.documents import Facts, Why
from parsers.workers import Workers
from shenbao import outputs
from shenbao.options import (
    Failure,
    Misuse,
    campaign_of,
    campaign_option,
    config_option,
    console,
    data_option,
    force_option,
    json_option,
    now,
    progress_console,
    say,
    store_of,
    writable,
)
from shenbao.readers import parsing_of, readers
from shenbao.tables import parsed_lines, taken_line
from storage import messages, tallies
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Clock, Door, MailOutcome, Message

MOST_AT_ONCE = 50  # mails that are kept together
MOST_BYTES = 32 * 1024 * 1024
AHEAD = timedelta(days=1)  # a clock may go wrong by a time zone


class Rate(ProgressColumn):
    """How many a second are done."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} 封/秒" if task.speed else "")


@click.command(help="读入 .eml、mbox、Maildir 或装有它们的文件夹，按收到的先后审核并拟好回信。")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--no-replies", is_flag=True, help="不拟回信")
@config_option
@data_option
@campaign_option
@json_option
def ingest(
    paths: tuple[Path, ...],
    config: Path | None,
    data: Path,
    campaign: str,
    *,
    no_replies: bool,
    as_json: bool,
) -> None:
    terms, parsing = campaign_of(campaign), parsing_of(config)
    try:
        listed = files.mails(paths)
    except files.PathError as error:
        raise Misuse(str(error)) from error
    for other in listed.skipped:
        click.echo(f"跳过：{other}（不是邮件）", err=True)
    with (
        store_of(data) as store,
        readers(parsing, store, _told) as reader,
        _progress() as progress,
        _until_interrupted() as stop,
    ):
        line = Line(
            store=store,
            reader=reader,
            campaign=terms,
            sender=terms.office.email,
            now=now,
            replies=not no_replies,
        )
        told = 0
        for taken, path in _taken(line, listed.found, progress, stop):
            told += 1
            _tell(store, taken, path, as_json=as_json)
        if stop:
            raise Failure("已中断。已读入的邮件都已保存，再次运行同一命令会接着处理，不会重复。")
        progress.console.print(f"完成：共 {told} 封邮件。")


def _told(trouble: str) -> None:
    click.echo(f"集群：{trouble or '正在使用'}", err=True)


class Stop:
    """True once Ctrl-C was pressed: what is under way is finished, nothing new is begun."""

    def __init__(self) -> None:
        self.asked = False

    def __bool__(self) -> bool:
        return self.asked


@contextmanager
def _until_interrupted() -> Iterator[Stop]:
    """Turn the first Ctrl-C into a clean stop between two mails."""
    stop = Stop()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.asked = True

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=progress_console(),
        transient=True,
    )


def _taken(
    line: Line, found: Sequence[files.Found], progress: Progress, stop: Stop
) -> Iterator[tuple[Taken, str]]:
    """Keep every mail first, then judge in order of receipt what waits; a known mail is a duplicate."""
    paths: dict[int, str] = {}
    again: list[tuple[Message, str]] = []
    keeping = progress.add_task("保存", total=len(found))
    for lot in _lots(found):
        if stop:
            return
        for (message, new), one in zip(_keep(line.store, lot), lot, strict=True):
            if new or (message.outcome is None and message.id not in paths):
                paths[message.id] = one.origin
            else:
                again.append((message, one.origin))
        progress.advance(keeping, len(lot))
    judging = progress.add_task("审核", total=tallies.mail_outcomes(line.store.db).get(None, 0))
    for taken in pipeline.work_off(line, lambda: bool(stop)):
        progress.advance(judging)
        yield taken, paths.get(taken.message.id, taken.message.origin)
    for message, origin in again:
        yield Taken(message=message, outcome=MailOutcome.DUPLICATE, reason="这封邮件以前已经收到"), origin


def _lots(found: Sequence[files.Found]) -> Iterator[list[files.Found]]:
    """Yield the mails in lots that share the price of being kept, and fit into memory."""
    lot: list[files.Found] = []
    weight = 0
    for one in found:
        if lot and (len(lot) == MOST_AT_ONCE or weight + one.size > MOST_BYTES):
            yield lot
            lot, weight = [], 0
        lot.append(one)
        weight += one.size
    if lot:
        yield lot


def _keep(store: Store, lot: Sequence[files.Found]) -> list[tuple[Message, bool]]:
    at = now()
    return pipeline.keep_all(store, [_raw(one, at) for one in lot], at)


def _raw(one: files.Found, at: datetime) -> Raw:
    raw = one.read()
    received, clock = envelope.received_at(raw) or (at, Clock.IMPORT)
    if received > at + AHEAD:  # a wrong clock wrote it: evidence of nothing
        clock = Clock.IMPORT
    return Raw(raw, Door.FILE, one.origin, received, clock)


def _tell(store: Store, taken: Taken, path: str, *, as_json: bool) -> None:
    described = messages.get(store.db, taken.message.id) or taken.message
    if as_json:
        say(outputs.taken(taken, path, described.message_id, described.sender))
    else:
        console().print(taken_line(taken, path, described.sender))


@click.command(help="看一份文件里有什么：申报表、资质证明、工作材料、视频……不保存任何内容。")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    help="把各页画成图片（PNG），框出读到的内容和把握；第二页起另存为 名称-2.png",
)
@force_option
@campaign_option
@json_option
def parse(
    paths: tuple[Path, ...], picture: Path | None, campaign: str, *, force: bool, as_json: bool
) -> None:
    terms = campaign_of(campaign)
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise Misuse("\n".join(f"没有这个文件：{path}" for path in missing))
    if picture and len(paths) > 1:
        raise Misuse("--picture 一次只能画一份文件。")
    target = writable(picture, force=force) if picture else None
    with Workers() as workers:
        for path in paths:
            read = list(_facts(workers, path))
            for inside, facts in read:
                _show(path, inside, facts, terms, as_json=as_json)
            if target:
                _draw(workers, path, read[0][1], target, force=force)


def _facts(workers: Workers, path: Path) -> Iterator[tuple[str, Facts]]:
    """Yield the file's own facts under its name, then those of its members under their path through it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Failure(f"读不了文件 {path}：{error.strerror}") from error
    laid = list(laid_out(workers.unpack, path.name, content))
    futures = [None if one.facts else workers.read(one.data, one.path) for one in laid]
    for one, future in zip(laid, futures, strict=True):
        facts = future.result() if future else one.facts
        if facts is not None:
            yield one.path, facts


def _draw(workers: Workers, path: Path, facts: Facts, target: Path, *, force: bool) -> None:
    """Write the pages of a file with what was read in them, the first to `target`, the second beside it as -2."""
    content = path.read_bytes()
    from parsers import drawn  # noqa: PLC0415 -- OpenCV and more, and most files are not drawn

    pages = workers.run(drawn.draw, content, path.name, facts, SURE, otherwise=_undrawn).result()
    if not pages:
        raise Failure(
            f"{path} 没有可以画出的页面：只有图片和 PDF 有固定的页面；Word 文档请另存为 PDF，压缩包请先解开，再用 --picture。"
        )
    names = [target, *(target.with_stem(f"{target.stem}-{number}") for number in range(2, len(pages) + 1))]
    for name in names:
        writable(name, force=force)
    for name, page in zip(names, pages, strict=True):
        name.write_bytes(page)
        click.echo(f"已画出：{name}", err=True)


def _undrawn(_why: Why, _note: str) -> list[bytes]:
    return []


def _show(path: Path, inside: str, facts: Facts, terms: Campaign, *, as_json: bool) -> None:
    parsed = outputs.parsed(str(path.parent / inside), facts, rules.examine_document(facts, inside, terms))
    if as_json:
        say(parsed)
    else:
        for text in parsed_lines(parsed):
            console().print(text)
