"""What staff do with letters that wait: release them, one or all at once, edit, drop."""

from collections.abc import Sequence
from pathlib import Path

import click

from intake.letters import drafts
from intake.letters.drafts import NotSo
from shenbao.options import (
    FAILED,
    Failure,
    Misuse,
    by_option,
    console,
    data_option,
    existing_store,
    now,
)
from storage import outbox
from storage.database import Store
from storage.model import Letter, LetterKind

kind_option = click.option(
    "--kind", type=click.Choice([kind.value for kind in LetterKind]), help="全部草稿中这一种"
)
all_option = click.option("--all", "every", is_flag=True, help="全部草稿")


@click.command(help="放行信件：写编号，或 --all、--kind 一次放行全部草稿；写成后又有变化的不放行。")
@click.argument("numbers", metavar="[ID]...", nargs=-1)
@all_option
@kind_option
@click.option("--anyway", is_flag=True, help="已核对过：写成之后虽有变化，仍要寄出（只用于写明编号的信）")
@by_option
@data_option
@click.pass_context
def release(
    context: click.Context,
    numbers: tuple[str, ...],
    kind: str | None,
    by: str,
    data: Path,
    *,
    every: bool,
    anyway: bool,
) -> None:
    if anyway and not numbers:
        raise Misuse("--anyway 只用于写明编号的信。")
    with existing_store(data) as store:
        left = 0
        for letter in _chosen(store, numbers, kind, every=every):
            try:
                drafts.release(store, letter, by=by, at=now(), anyway=anyway)
            except NotSo as reason:
                left += 1
                Failure(str(reason)).show()
            else:
                console().print(f"已放行：{letter.id} {letter.subject}")
    context.exit(FAILED if left else 0)


@click.command(help="不发这些信。")
@click.argument("numbers", metavar="[ID]...", nargs=-1)
@all_option
@kind_option
@by_option
@data_option
def drop(numbers: tuple[str, ...], kind: str | None, by: str, data: Path, *, every: bool) -> None:
    with existing_store(data) as store:
        for letter in _chosen(store, numbers, kind, every=every):
            try:
                drafts.drop(store, letter, by=by, at=now())
            except NotSo as reason:
                raise Failure(str(reason)) from reason
            console().print(f"已作废：{letter.id} {letter.subject}")


@click.command(help="修改一封待放行的信的正文：用编辑器（$EDITOR），或从文件读入。")
@click.argument("number", metavar="ID")
@click.option("--body-file", type=click.Path(path_type=Path), help="新的正文（UTF-8 文本）")
@by_option
@data_option
def edit(number: str, body_file: Path | None, by: str, data: Path) -> None:
    with existing_store(data) as store:
        (letter,) = _letters(store, (number,))
        body = click.edit(letter.body, extension=".txt") if body_file is None else _text(body_file)
        try:
            changed = body is not None and drafts.edit(store, letter, body, by=by, at=now())
        except NotSo as reason:
            raise Failure(str(reason)) from reason
    console().print(f"{'已修改' if changed else '没有改动'}：{letter.id} {letter.subject}")


def _chosen(store: Store, numbers: Sequence[str], kind: str | None, *, every: bool) -> list[Letter]:
    """Return the letters of these numbers, or the drafts that are meant."""
    if bool(numbers) == bool(every or kind):
        raise Misuse("请写信的编号，或用 --all、--kind 指明全部草稿，两者取一。")
    return _letters(store, numbers) if numbers else drafts.chosen(store, LetterKind(kind) if kind else None)


def _letters(store: Store, numbers: Sequence[str]) -> list[Letter]:
    found = []
    for number in numbers:
        letter = outbox.get(store.db, number)
        if letter is None:
            raise Failure(f"发件箱里没有编号为 {number} 的信。")
        found.append(letter)
    return found


def _text(path: Path) -> str:
    if not path.is_file():
        raise Misuse(f"没有这个文件：{path}")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failure(f"{path} 不是 UTF-8 文本，请另存为 UTF-8。") from error
