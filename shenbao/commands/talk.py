"""`shenbao chat`: the bot on standard input and output."""

import sys
from pathlib import Path

import click

from bot.access import TERMINAL, Desk, Person, Role
from bot.terminal import chat as converse
from parsers.workers import Workers
from shenbao.options import campaign_of, campaign_option, data_option, existing_store, json_option, now

ROLES = {"staff": Role.DECIDER, "applicant": Role.APPLICANT}


@click.command(help="在终端里与机器人对话：每行一条命令，读到输入结束。")
@click.option("--as", "who", type=click.Choice(list(ROLES)), required=True, help="以谁的身份")
@click.option("--chat", "name", default=TERMINAL, show_default=True, help="区分不同申报单位的终端")
@data_option
@campaign_option
@json_option
def chat(who: str, name: str, data: Path, campaign: str, *, as_json: bool) -> None:
    terms = campaign_of(campaign)
    with existing_store(data) as store:
        desk = Desk(store=store, campaign=terms, now=now, reader=lambda: Workers(1))
        person = Person(channel=TERMINAL, id=name, role=ROLES[who])
        converse(desk, person, sys.stdin, click.echo, as_json=as_json)
