"""One application looked at closely: why each problem stands, and its files."""

from bot import texts
from bot.access import DECIDERS, TERMINAL, Answer, Button, Desk, Person
from bot.decide import KEY, found_by
from intake import explain
from intake.decisions import JUDGED
from intake.width import shorten
from storage import audit
from storage.model import Application, Document

LISTED = 20
LARGEST = 50_000_000  # bytes a bot may send in one document
NAME_COLUMNS = 40
LABEL_COLUMNS = 24
LOOSE = 4


def buttons(application: Application, person: Person, desk: Desk) -> tuple[tuple[Button, ...], ...]:
    """Return what this person may do next with the application."""
    receipt, decider = application.receipt, person.role in DECIDERS
    rows: list[tuple[Button, ...]] = []
    if decider and application.state in JUDGED:
        rows.append((Button("齐全", f"/accept {receipt}"), Button("不予受理", f"/reject {receipt}")))
    more = [Button("依据", f"/explain {receipt}")] if application.problems else []
    more += [Button("材料", f"/files {receipt}")] if application.documents and not desk.minimal else []
    more += [] if application.paper_received else [Button("收到纸质件", f"/paper {receipt}")]
    loose = [one for one in application.documents if one.unassigned][:LOOSE]
    loose = loose if decider and not desk.minimal else []
    rows += [tuple(more)] if more else []
    rows += [(Button(f"归入本件：{_label(one)}", f"/assign {receipt} {one.sha256[:KEY]}"),) for one in loose]
    return tuple(rows)


def explained(desk: Desk, _person: Person, argument: str) -> Answer:
    """Say for each problem what was read where, by which clause, and what would change it."""
    found = found_by(desk, argument)
    if found is None:
        return Answer(text=texts.NO_SUCH if argument else "请写全：/explain 收件编号")
    told = explain.explain(desk.store, found)
    parts = [_reason(number, one, full=not desk.minimal) for number, one in enumerate(told.problems, 1)]
    return Answer(text="\n\n".join([texts.line(found), *(parts or ["没有待补正或待核定的事项。"])]))


def files(desk: Desk, person: Person, argument: str) -> Answer:
    """List the files of an application, or send the one that is named, where files may go."""
    typed, _, which = argument.partition(" ")
    found = found_by(desk, typed)
    if found is None:
        return Answer(text=texts.NO_SUCH if typed else "请写全：/files 收件编号 [文件名]")
    if desk.minimal or person.group or person.channel == TERMINAL:
        return Answer(text=f"{len(found.documents)}个文件。请在办公电脑上运行：shenbao files 文件夹")
    return _sent(desk, person, found, which.strip()) if which.strip() else _listed(found)


def _listed(application: Application) -> Answer:
    shown = application.documents[:LISTED]
    lines = [
        f"{number}. {shorten(texts.plain(one.file), NAME_COLUMNS)}" for number, one in enumerate(shown, 1)
    ]
    rows = tuple((Button(_label(one), f"/files {application.receipt} {one.sha256[:KEY]}"),) for one in shown)
    head = f"{application.receipt} 共{len(application.documents)}个文件"
    return Answer(text="\n".join([head, *lines]), buttons=rows)


def _sent(desk: Desk, person: Person, application: Application, which: str) -> Answer:
    names = {key: one for one in application.documents for key in (one.file, one.sha256[:KEY])}
    if (file := names.get(which)) is None:
        return Answer(text=f"{application.receipt} 没有这个文件。")
    with desk.store.transaction() as db:
        audit.record(
            db, at=desk.now(), actor=person.chat, event="seen", receipt=application.receipt,
            detail={"file": file.file},
        )  # fmt: skip
    return Answer(text=shorten(texts.plain(file.file), NAME_COLUMNS), later=lambda other: _read(other, file))


def _read(desk: Desk, file: Document) -> Answer:
    data = desk.store.blobs.read(file.sha256)
    if not 0 < len(data) <= LARGEST:
        return Answer(text="这个文件太大或是空的，请在办公电脑上查看。")
    return Answer(text="", file=data, name=texts.plain(file.file.rpartition("/")[2]))


def _label(document: Document) -> str:
    return shorten(texts.plain(document.file.rpartition("/")[2]), LABEL_COLUMNS)


def _reason(number: int, one: explain.Explained, *, full: bool) -> str:
    problem = one.problem
    read = (
        ("依据", problem.clause),
        ("事实", problem.fact),
        ("出处", problem.where),
        ("原文", one.read or ""),
    )
    lines = [f"{number}. {texts.short(problem)}"]
    lines += [f"{name}：{shorten(texts.plain(text), 200)}" for name, text in read if full and text]
    return "\n".join([*lines, f"怎样改变：{one.changes}"])
