"""Commands that look after the service: check, verify, health, campaign."""

import os
from collections.abc import Iterable
from pathlib import Path

import click
from rich.markup import escape

from shenbao.options import (
    FAILED,
    Failure,
    Misuse,
    campaign_of,
    campaign_option,
    console,
    data_option,
    existing_store,
    json_option,
    now,
    say,
    told,
)
from shenbao.outputs import Json, moment
from shenbao.tables import MAILS
from storage import marks, messages, outbox, tallies
from storage.campaign_file import CampaignError, load
from storage.database import Store
from storage.model import LetterState, State
from storage.verify import verify

LOOK = "mailbox-looked"
STALE_SECONDS = 600  # a mailbox not reached for ten minutes is worth a person's look


@click.command(help="逐项试一试：活动文件、数据、识别、转换程序、邮箱、发信、机器人，说明哪里不对。")
@click.option("--config", type=click.Path(path_type=Path), help="设置文件（shenbao.toml）")
@data_option
@campaign_option
@json_option
@click.pass_context
def check(context: click.Context, config: Path | None, data: Path, campaign: str, *, as_json: bool) -> None:
    from shenbao import checks  # noqa: PLC0415 - it imports every part, and takes a second for it
    from shenbao.settings import Settings, SettingsError, StoreSettings  # noqa: PLC0415
    from shenbao.settings import load as load_settings  # noqa: PLC0415

    if config is not None and not config.is_file():
        raise Misuse(f"没有这个设置文件：{config}")
    try:
        settings = (
            load_settings(config, os.environ)
            if config
            else Settings(campaign=campaign, store=StoreSettings(data=str(data)))
        )
    except SettingsError as error:
        raise Failure(str(error)) from error
    good = True
    for one in checks.every(settings, campaign_of):
        good = good and one.good is not False
        if as_json:
            say({"part": one.part, "good": one.good, "message": one.message})
        else:
            mark = {True: "[green]正常[/]", False: "[red]有误[/]", None: "[dim]未用[/]"}[one.good]
            console().print(f"{mark} {one.part}：{escape(one.message)}")
    context.exit(0 if good else FAILED)


@click.command("verify", help="检查数据是否完好：数据库、每份原件、每封邮件的结果、回信有无重复。")
@data_option
@json_option
@click.pass_context
def verify_command(context: click.Context, data: Path, *, as_json: bool) -> None:
    with existing_store(data) as store:
        findings = verify(store)
        counted = messages.count(store.db)
    if as_json:
        say({"good": not findings, "messages": counted, "findings": findings})
    elif findings:
        _lines(findings)
    else:
        console().print(f"完好：{counted}封邮件的原件齐全，结果唯一，回信没有重复。")
    context.exit(FAILED if findings else 0)


@click.command(help="服务的健康状况：最近一次查看邮箱、各队列、等人处理的事项。")
@data_option
@json_option
@click.pass_context
def health(context: click.Context, data: Path, *, as_json: bool) -> None:
    with existing_store(data) as store:
        report = _health(store)
    if as_json:
        say(report)
    else:
        _lines(_told(report))
    context.exit(0 if report["good"] else FAILED)


def _health(store: Store) -> Json:
    looked = marks.get(store.db, LOOK)
    waiting = messages.waiting(store.db)
    letters = outbox.counts(store.db)
    states = tallies.by_state(store.db)
    fresh = looked is None or (now() - looked.at).total_seconds() < STALE_SECONDS
    stuck = letters[LetterState.FAILED] + letters[LetterState.UNCERTAIN]
    return {
        "good": fresh and not any(one.tries for one in waiting),
        "mailbox_looked": moment(looked.at) if looked else None,
        "mailbox_fresh": fresh if looked else None,
        "mails_waiting": len(waiting),
        "oldest_waiting": moment(waiting[0].received_at) if waiting else None,
        "letters": {state.value: letters[state] for state in LetterState},
        "letters_stuck": stuck,
        "for_a_person": {
            "reviewing": states[State.REVIEWING],
            "drafts": letters[LetterState.DRAFT] + letters[LetterState.HELD],
            "quarantined": len(messages.quarantined(store.db)),
        },
        "mails": {
            (one.value if one else "waiting"): count for one, count in tallies.mail_outcomes(store.db).items()
        },
    }


def _told(report: Json) -> Iterable[str]:
    person = report["for_a_person"]
    looked = report["mailbox_looked"]
    yield f"邮箱：{f'最近一次查看 {looked}' if looked else '没有查看过（只从文件读入，或还没有运行 serve）'}"
    if report["mailbox_fresh"] is False:
        yield "      已超过十分钟没有连上邮箱，请检查网络和 shenbao serve 是否在运行。"
    oldest = f"，最早的收于 {report['oldest_waiting']}" if report["oldest_waiting"] else ""
    yield f"待审核的邮件：{report['mails_waiting']}封{oldest}"
    yield f"待发的信：{report['letters']['queued']}封；未能送达或不明：{report['letters_stuck']}封"
    yield f"等人处理：待核定{person['reviewing']}件，待放行的信{person['drafts']}封，隔离的邮件{person['quarantined']}封"
    names = {one.value: name for one, name in MAILS.items()} | {"waiting": "待审核"}
    yield "收到的邮件：" + "，".join(
        f"{names[key]}{count}" for key, count in report["mails"].items() if count
    )


@click.group(help="活动文件。")
def campaign() -> None:
    pass


@campaign.command("check", help="检查活动文件，一次列出全部错误。")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def campaign_check(file: Path, *, as_json: bool) -> None:
    if not file.is_file():
        raise Misuse(f"没有这个文件：{file}")
    try:
        terms = load(file)
    except CampaignError as error:
        if as_json:
            for one in error.mistakes:
                say({"line": one.line, "key": one.key, "message": one.message})
            raise Failure(f"{file.name} 有 {len(error.mistakes)} 处错误") from error
        raise Failure("\n".join(told(file, error))) from error
    if not as_json:
        console().print(f"没有错误：{terms.title}，截止 {moment(terms.dates.deadline)}。")


def _lines(texts: Iterable[str]) -> None:
    for text in texts:
        console().print(text, markup=False)
