"""Reviewers, their 评分表 and the ranking: the scoring half of `shenbao stage`."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.text import Text

from intake.labels import STATES
from intake.office import lists, scoresheets, stable_zip, staging
from intake.office.entry import NotReadable
from intake.office.folders import safe
from intake.office.scores import Rank, shown
from intake.office.scoresheets import ROUNDS, Returned
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
from shenbao.outputs import Json
from storage import audit, scores
from storage.campaign import Campaign
from storage.database import Store
from storage.model import Kind
from storage.scores import Reviewer, Round

round_option = click.option(
    "--round",
    "round_",
    type=click.Choice([one.value for one in Round]),
    default=Round.PRELIMINARY.value,
    show_default=True,
    help="preliminary 初评，expert 专家评议",
)
kind_option = click.option(
    "--kind", type=click.Choice([one.value for one in Kind]), help="只看网站平台 website 或账号 account"
)


@click.command(help="给每位评委写一份评分表（Excel），在黄色格内打分后用 stage scores 读回。")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--reviewer", "named", multiple=True, metavar="姓名[=单位]", help="评委，可写多次；写过的会记住"
)
@round_option
@force_option
@by_option
@data_option
@campaign_option
def sheets(
    folder: Path, named: tuple[str, ...], round_: str, by: str, data: Path, campaign: str, *, force: bool
) -> None:
    terms, which = _scored(campaign), Round(round_)
    with existing_store(data) as store:
        them = staging.of_campaign(store, terms, staging.FIELD[which])
        if not them:
            raise Failure(f"没有“{STATES[staging.FIELD[which]]}”的申报，{ROUNDS[which]}无可评。")
        reviewers = _appointed(store, terms, which, named, by)
        folder.mkdir(exist_ok=True)
        paths = [
            writable(folder / f"{ROUNDS[which]}评分表_{safe(one.name)}.xlsx", force=force)
            for one in reviewers
        ]
        for one, path in zip(reviewers, paths, strict=True):
            stable_zip.write(path, scoresheets.sheet(one, which, them, terms, now()), force=force)
            console().print(f"已写出：{path}（{len(them)}件）")


def _scored(name: str) -> Campaign:
    """Return the campaign, if it has standards to score by."""
    terms = campaign_of(name)
    if not terms.criteria:
        raise Failure("活动文件里没有 [[criteria]]（推选标准），无法评分。")
    return terms


def _appointed(store: Store, terms: Campaign, round_: Round, named: Sequence[str], by: str) -> list[Reviewer]:
    """Return who scores in this round, those `named` added."""
    new = [
        Reviewer(name=name.strip(), unit=unit.strip() or None)
        for name, _, unit in (each.partition("=") for each in named)
    ]
    if any(not one.name or "　" in one.name for one in new):
        raise Misuse("评委要写姓名：--reviewer 张三，或 --reviewer 张三=所在单位。")
    with store.transaction() as db:
        scores.appoint(db, terms.receipt_prefix, round_, new)
        if new:
            detail = {"round": round_, "reviewers": [one.name for one in new]}
            audit.record(db, at=now(), actor=by, event="reviewers", detail=detail)
        found = scores.reviewers(db, terms.receipt_prefix, round_)
    if not found:
        raise Misuse("还没有评委，请用 --reviewer 姓名 写明。")
    return found


@click.command(help="取消一位评委；其已登记的评分一并作废。")
@click.argument("reviewer")
@round_option
@by_option
@data_option
@campaign_option
def dismiss(reviewer: str, round_: str, by: str, data: Path, campaign: str) -> None:
    terms = campaign_of(campaign)
    with existing_store(data) as store, store.transaction() as db:
        known = [one.name for one in scores.reviewers(db, terms.receipt_prefix, Round(round_))]
        if reviewer not in known:
            raise Failure(f"{ROUNDS[Round(round_)]}没有评委“{reviewer}”。现有：{'、'.join(known) or '无'}")
        scores.dismiss(db, terms.receipt_prefix, Round(round_), reviewer)
        detail = {"round": round_, "reviewer": reviewer}
        audit.record(db, at=now(), actor=by, event="reviewer-dismissed", detail=detail)
    console().print(f"已取消评委：{reviewer}")


@click.command("scores", help="读回填好的评分表；同一评委再读一次，以最后一次为准。")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@by_option
@data_option
@campaign_option
def scores_command(files: tuple[Path, ...], by: str, data: Path, campaign: str) -> None:
    terms = _scored(campaign)
    if missing := [str(file) for file in files if not file.is_file()]:
        raise Misuse("\n".join(f"没有这个文件：{file}" for file in missing))
    bad = 0
    with existing_store(data) as store:
        for file in files:
            content = file.read_bytes()
            bad += not _taken(store, terms, file, content, by)
        _tell_missing(store, terms)
    if bad:
        raise Failure(f"有 {bad} 份评分表没有登记，请改好后再读。")


def _taken(store: Store, terms: Campaign, file: Path, content: bytes, by: str) -> bool:
    """Keep what one file says, or tell what is wrong with it; say whether it was kept."""
    known = {one.receipt: one for one in staging.of_campaign(store, terms)}
    try:
        found = scoresheets.returned(content, terms, known)
    except NotReadable as error:
        console().print(Text(f"✗ {file.name}：{error}"))
        return False
    wrong = list(found.mistakes) + _strangers(store, terms, found)
    for text in (*wrong, *found.notes, *(f"空着，这一件不计：{one}" for one in found.empty)):
        console().print(Text(f"  {file.name} {text}"), soft_wrap=True)
    if wrong:
        console().print(Text(f"✗ {file.name}：{found.reviewer}的评分没有登记，原有的不变"))
        return False
    _keep(store, terms, found, content, by)
    aside = sum(one.aside is not None for one in found.scores)
    told = f"{found.reviewer} {ROUNDS[found.round]} 评分{len(found.scores) - aside}件，回避{aside}件"
    console().print(Text(f"✓ {file.name}：{told}"))
    return True


def _strangers(store: Store, terms: Campaign, found: Returned) -> list[str]:
    known = [one.name for one in scores.reviewers(store.db, terms.receipt_prefix, found.round)]
    return [] if found.reviewer in known else [f"“{found.reviewer}”不是{ROUNDS[found.round]}的评委"]


def _keep(store: Store, terms: Campaign, found: Returned, content: bytes, by: str) -> None:
    with store.transaction() as db:
        scores.replace(db, terms.receipt_prefix, found.round, found.reviewer, found.scores)
        detail = {
            "round": found.round,
            "reviewer": found.reviewer,
            "count": len(found.scores),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        audit.record(db, at=now(), actor=by, event="scores", detail=detail)


def _tell_missing(store: Store, terms: Campaign) -> None:
    for round_ in Round:
        for name, receipts in staging.standing(store, terms, round_)[1].items():
            owed = f"{ROUNDS[round_]}还缺：{name}，{len(receipts)}件（{_few(receipts)}）"
            console().print(Text(owed), soft_wrap=True)


def _few(receipts: Sequence[str], most: int = 5) -> str:
    return "、".join(receipts[:most]) + ("等" if len(receipts) > most else "")


@click.command(help="按加权平均分排名，并列的写明，缺分的点名；给出 FILE.xlsx 则写成表格。")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@round_option
@kind_option
@force_option
@data_option
@campaign_option
@json_option
def ranking(
    file: Path | None,
    round_: str,
    kind: str | None,
    data: Path,
    campaign: str,
    *,
    force: bool,
    as_json: bool,
) -> None:
    terms, which = _scored(campaign), Round(round_)
    with existing_store(data) as store:
        if file:
            made = lists.ranking(store, terms, which, f"{ROUNDS[which]}排名", now=now())
            stable_zip.write(writable(file, force=force), made, force=force)
            console().print(f"已写出：{file}")
            return
        ranked, missing = staging.standing(store, terms, which, Kind(kind) if kind else None)
        for rank in ranked:
            if as_json:
                say(_as_json(rank, missing))
            else:
                console().print(_as_text(rank))
        if not as_json:
            _tell_missing(store, terms)


def _as_json(rank: Rank, missing: Mapping[str, Sequence[str]]) -> Json:
    receipt = rank.application.receipt
    return {
        "receipt": receipt,
        "place": rank.place,
        "tied": rank.tied,
        "total": shown(rank.total) or None,
        "reviewers": rank.count,
        "aside": list(rank.aside),
        "missing": [name for name, owed in missing.items() if receipt in owed],
    }


def _as_text(rank: Rank) -> Text:
    place = f"第{rank.place}名{'（并列）' if rank.tied else ''}" if rank.place else "未评"
    aside = f"　回避：{'、'.join(rank.aside)}" if rank.aside else ""
    one = rank.application
    return Text(f"{place} {shown(rank.total)} {one.receipt} {one.fields.name or '（名称未填）'}{aside}")
