"""`shenbao quarantine` and `shenbao retry`: the mails that only a person can judge, and judging them again."""

from collections.abc import Iterable
from pathlib import Path

import click
from rich.text import Text

from intake import pipeline
from intake.handling import Line
from intake.office import stable_zip
from intake.stumbling import TRIES
from parsers.workers import Workers
from shenbao import outputs
from shenbao.options import (
    Failure,
    Misuse,
    by_option,
    campaign_of,
    campaign_option,
    console,
    data_option,
    existing_store,
    force_option,
    json_option,
    now,
    say,
    writable,
)
from shenbao.tables import taken_line
from storage import audit, messages
from storage.database import Store
from storage.model import MailOutcome, Message

STILL = "这次也没有处理成功，服务会再试；serve 没有运行时请稍后再运行 retry。原因见 shenbao quarantine。"


@click.command(help="隔离待查的邮件：列出、查看一封、存出原件，或办完后收起。收起的邮件原件仍然保留。")
@click.argument("number", metavar="[ID]", required=False, type=int)
@click.option("--save", type=click.Path(path_type=Path), help="把这封邮件的原件存为文件（.eml）")
@click.option("--aside", metavar="REASON", help="已另行办理，写明理由后收起，不再列出")
@force_option
@by_option
@data_option
@json_option
def quarantine(
    number: int | None,
    save: Path | None,
    aside: str | None,
    by: str,
    data: Path,
    *,
    force: bool,
    as_json: bool,
) -> None:
    if number is None and (save or aside):
        raise Misuse("请写明邮件的编号，例如 shenbao quarantine 12 --save 12.eml。")
    path = writable(save, force=force) if save else None
    with existing_store(data) as store:
        found = messages.quarantined(store.db) if number is None else [_mail(store, number)]
        _show(found, as_json=as_json)
        if path:
            stable_zip.write(path, store.blobs.read(found[0].sha256), force=force)
        if aside is not None:
            _put_aside(store, found[0], aside.strip(), by)


def _show(found: Iterable[Message], *, as_json: bool) -> None:
    shown = list(found)
    if as_json:
        for one in shown:
            say(outputs.quarantined(one))
        return
    for one in shown:
        text = Text(f"{one.id:>5}  {outputs.moment(one.received_at)}  {one.sender or '（发件人没有读出）'}")
        text.append(f"  {one.size / 1024:.0f}KB  {one.subject or '（主题没有读出）'}")
        text.append(f"\n       {one.reason or '原因不明'}", style="yellow")
        console().print(text)
    console().print(f"共{len(shown)}封。" if shown else "没有隔离待查的邮件。")


def _put_aside(store: Store, mail: Message, reason: str, by: str) -> None:
    if not reason:
        raise Misuse("请写明收起的理由。")
    with store.transaction():
        if not messages.put_aside(store.db, mail.id, reason):
            raise Failure(f"第{mail.id}封邮件已经收起，或已不在隔离中。")
        audit.record(
            store.db, at=now(), actor=by, event="put-aside", message=mail.id, detail={"reason": reason}
        )
    click.echo(
        f"已收起：第{mail.id}封。原件仍然保留，需要时可用 shenbao retry {mail.id} 重新处理。", err=True
    )


@click.command(help="重新处理隔离的邮件：程序升级或故障排除之后，按收到的先后再审核一次。")
@click.argument("numbers", metavar="ID...", nargs=-1, type=int)
@click.option("--all", "every", is_flag=True, help="全部隔离的邮件")
@click.option("--no-replies", is_flag=True, help="不拟回信")
@click.option("--not-secret", is_flag=True, help="已由人核实：虽有密级标志字样，但不涉密")
@by_option
@data_option
@campaign_option
@json_option
def retry(
    numbers: tuple[int, ...],
    by: str,
    data: Path,
    campaign: str,
    *,
    every: bool,
    no_replies: bool,
    not_secret: bool,
    as_json: bool,
) -> None:
    if bool(numbers) == every or (every and not_secret):
        raise Misuse("请写明邮件的编号，或用 --all 表示全部（--not-secret 只用于写明编号的邮件）。")
    terms = campaign_of(campaign)
    with existing_store(data) as store, Workers() as workers:
        line = Line(
            store=store,
            reader=workers,
            campaign=terms,
            sender=terms.office.email,
            now=now,
            replies=not no_replies,
        )
        chosen = messages.quarantined(store.db) if every else [_mail(store, number) for number in numbers]
        for mail in sorted(chosen, key=lambda one: (one.received_at, one.id)):
            if not_secret:
                _cleared(line, mail, by)
            _again(line, mail, by, as_json=as_json)


def _cleared(line: Line, mail: Message, by: str) -> None:
    with line.store.transaction():
        messages.clear_secret(line.store.db, mail.id)
        audit.record(line.store.db, at=now(), actor=by, event="secret-cleared", message=mail.id)


def _again(line: Line, mail: Message, by: str, *, as_json: bool) -> None:
    """Judge one mail anew; it gets one try, and is quarantined again if that fails."""
    with line.store.transaction():
        if not messages.reopen(line.store.db, mail.id, tries=TRIES - 1):
            raise Failure(f"第{mail.id}封邮件已不在隔离中。")
        audit.record(line.store.db, at=now(), actor=by, event="retried", message=mail.id)
    waiting = messages.get(line.store.db, mail.id) or mail
    taken = pipeline.take(line, waiting)
    told = messages.get(line.store.db, mail.id) or mail
    if taken is None:
        raise Failure(f"第{mail.id}封邮件：{told.reason if told.outcome else STILL}")
    if as_json:
        say(outputs.taken(taken, taken.message.origin, told.message_id, told.sender))
    else:
        console().print(taken_line(taken, taken.message.origin, told.sender))


def _mail(store: Store, number: int) -> Message:
    mail = messages.get(store.db, number)
    if mail is None or mail.outcome is not MailOutcome.QUARANTINED:
        raise Failure(f"没有编号为 {number} 的隔离邮件。请先看 shenbao quarantine。")
    return mail
