"""Commands that only read the store: list, show, explain, search, outbox."""

from collections.abc import Iterable
from pathlib import Path

import click

from intake.changes import changes
from intake.explain import explain as explain_application
from shenbao import explained, outputs
from shenbao.options import console, data_option, existing_store, json_option, no_such, say
from shenbao.tables import (
    application_lines,
    change_lines,
    letter_lines,
    list_table,
    offer_lines,
    outbox_table,
)
from storage import applications, audit, outbox, pending, search
from storage.database import Store
from storage.model import Application, State


@click.command("list", help="列出申报，可按状态或县区筛选。")
@click.option("--state", type=click.Choice([state.value for state in State]), help="只列这种状态")
@click.option("--county", help="只列这个县区")
@data_option
@json_option
def list_command(data: Path, state: str | None, county: str | None, *, as_json: bool) -> None:
    with existing_store(data) as store:
        _print(
            applications.every(store.db, state=State(state) if state else None, county=county),
            as_json=as_json,
        )


@click.command(help="一件申报的全部情况和经过。")
@click.argument("receipt")
@data_option
@json_option
def show(receipt: str, data: Path, *, as_json: bool) -> None:
    with existing_store(data) as store:
        one = found(store, receipt)
        history = audit.history(store.db, one.receipt)
        changed = changes(applications.versions_of(store.db, one.receipt))
        waiting = pending.offers(store.db, one.receipt)
        if as_json:
            say(outputs.shown(one, history, changed, waiting))
            return
        for text in (*application_lines(one, history), *change_lines(changed), *offer_lines(one, waiting)):
            console().print(text)


@click.command(help="逐项说明：看到了什么、在哪里看到、依据哪一条、怎样才会改变。")
@click.argument("receipt")
@data_option
@json_option
def explain(receipt: str, data: Path, *, as_json: bool) -> None:
    with existing_store(data) as store:
        told = explain_application(store, found(store, receipt))
    if as_json:
        say(explained.as_json(told))
        return
    for text in explained.lines(told):
        console().print(text)


@click.command("search", help="按名称、单位、账号、电话等查找，两个字就可以。")
@click.argument("text")
@data_option
@json_option
def search_command(text: str, data: Path, *, as_json: bool) -> None:
    with existing_store(data) as store:
        hits = (applications.get(store.db, receipt) for receipt in search.find(store.db, text))
        _print([one for one in hits if one], as_json=as_json)


@click.command("outbox", help="回信的全文和投递情况。")
@data_option
@json_option
def outbox_command(data: Path, *, as_json: bool) -> None:
    with existing_store(data) as store:
        letters = list(outbox.every(store.db))
        if as_json:
            for letter in letters:
                say(outputs.letter(letter))
            return
        console().print(outbox_table(letters))
        for letter in letters:
            for text in letter_lines(letter):
                console().print(text)


def found(store: Store, receipt: str) -> Application:
    """Return the application, or end the command with exit status 1."""
    one = applications.get(store.db, receipt)
    return one if one is not None else no_such(receipt)


def _print(found_ones: Iterable[Application], *, as_json: bool) -> None:
    if not as_json:
        console().print(list_table(found_ones))
        return
    for one in found_ones:
        say(outputs.application(one))
