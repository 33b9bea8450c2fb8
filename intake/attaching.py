"""Material that staff take in by hand: files from a USB stick, what a link led to, what a stranger's mail holds."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import to_builtins
from msgspec.structs import replace

from intake import decisions, freed, judge, reading
from intake.assemble import Draft, assemble, same_account
from intake.channel import Route, route
from intake.decisions import Desk, NotPossible
from intake.identity import key_of
from intake.judge import Brought
from intake.letters import replies
from intake.mail import envelope
from intake.mail.cloud import ENDING
from intake.mail.envelope import Mail
from intake.reading import File, Reader
from intake.versions import same_name
from parsers.documents import Form
from storage import applications, documents, holdings, messages, pending
from storage.database import Store
from storage.holdings import Doubt
from storage.model import Application, Clock, Document, Message, Outcome, State

ASSIGNED = "assigned"  # in the trail: whose else the files might have been
PACKED = frozenset({"zip", "rar", "7z"})  # of such a file, what was in it may come in any shape


def attach(desk: Desk, reader: Reader, receipt: str, files: Sequence[tuple[str, bytes]]) -> Application:
    """Add `files` (name, bytes) that came by another way as the next version, and judge anew.

    Raises NotPossible for a withdrawn application, and for a form of another account.
    """
    begun = reading.begin_files(desk.store, reader, files)
    read = reading.finish(desk.store, begun, desk.now)
    with desk.store.transaction():
        old = _standing(desk, receipt)
        draft = _draft(read, old)
        brought = Brought(
            draft=draft,
            route=route(draft.form, None, desk.campaign),
            received_at=old.changed_at,
            surely=old.received_surely,
        )
        ids = documents.add(desk.store.db, None, [(one.file, one.type, one.sha256) for one in draft.files])
        return _taken_in(desk, reader, old, brought, None, ids)


def take(desk: Desk, reader: Reader, receipt: str, message: int, only: Collection[str] = ()) -> Application:
    """Take in what a kept mail holds for the application, or `only` these of its files; judge it as of then.

    The address it came from is the application's own from now on, unless only some files are taken.
    """
    with desk.store.transaction():
        old, mail = _standing(desk, receipt), _kept(desk, message)
        held = documents.of_message(desk.store.db, mail.id)
        numbers = {one.file: number for number, one in held}
        draft = _draft(_chosen([_read(desk.store, reader, one) for _, one in held], only), old)
        came = envelope.read(desk.store.blobs.read(mail.sha256), frozenset({desk.sender.lower()}))
        brought = _brought(desk, draft, mail, came, old, known=not only)
        ids = [numbers[one.file] for one in draft.files]
        pending.settle(desk.store.db, old.receipt, mail.id, desk.by, desk.now)
        return _taken_in(desk, reader, old, brought, mail, ids)


def refuse(desk: Desk, receipt: str, message: int) -> Application:
    """Settle that a mail which waits beside the application is none of its own: it stays kept and unused."""
    with desk.store.transaction():
        old = decisions.found(desk, receipt)
        if not pending.settle(desk.store.db, old.receipt, message, desk.by, desk.now):
            raise NotPossible(f"第{message}号来信没有在等待{old.receipt}确认。")
        new = judge.flagged(desk.store, desk.campaign, old)
        return decisions.kept(desk, old, new, "version-refused", {"mail": message})


def _standing(desk: Desk, receipt: str) -> Application:
    old = decisions.found(desk, receipt)
    if old.state is State.WITHDRAWN:
        raise NotPossible(f"{old.receipt} 已经撤回，不能再添加材料；需要恢复时请先 reopen。")
    return old


def _kept(desk: Desk, message: int) -> Message:
    mail = messages.get(desk.store.db, message)
    if mail is None or mail.outcome is None:
        raise NotPossible(f"没有第{message}号来信，或者它还没有处理完。")
    return mail


def _read(store: Store, reader: Reader, document: Document) -> File:
    facts = reading.facts_of(store, reader, document)
    return File(file=document.file, sha256=document.sha256, facts=facts)


def _chosen(files: Sequence[File], only: Collection[str]) -> list[File]:
    """Return `files`, or those that `only` names by their path or by the last part of it."""
    missing = [name for name in only if not any(_called(one, name) for one in files)]
    if missing:
        raise NotPossible(
            f"来信里没有这个文件：{'、'.join(missing)}。里面有：{'、'.join(one.file for one in files)}"
        )
    return [one for one in files if not only or any(_called(one, name) for name in only)]


def _called(file: File, name: str) -> bool:
    return name in (file.file, file.file.rpartition("/")[2])


def _draft(files: Sequence[File], old: Application) -> Draft:
    """Return what of `files` is for `old`: all, or beside its own form what is not another form's."""
    if not files:
        raise NotPossible("没有可以登记的文件。")
    drafts = assemble(files)
    own = [one for one in drafts if one.form is None or _fits(one.form, old)]
    if own:
        return replace(own[0], unassigned=())
    held = "、".join(f"“{one.form.value('name') or '名称未填'}”" for one in drafts if one.form)
    raise NotPossible(
        f"里面的申报表填的是{held}，与 {old.receipt}“{old.fields.name or '名称未填'}”不是同一个网站平台或账号，没有登记。"
    )


def _fits(form: Form, old: Application) -> bool:
    """Say whether `form` may be the next version of `old`: of its account, of its name, or the one it lacks."""
    key = key_of(form)
    return (
        old.account_key is None or key is None or same_account(key, old.account_key) or same_name(old, form)
    )


def _brought(
    desk: Desk, draft: Draft, message: Message, mail: Mail, old: Application, *, known: bool
) -> Brought:
    return Brought(
        draft=draft,
        route=route(draft.form, mail, desk.campaign) if draft.form else Route(channel=old.channel),
        received_at=max(old.changed_at, message.received_at),
        surely=old.received_surely and message.clock is not Clock.IMPORT,
        addresses=(mail.sender,) if known and mail.sender else (),
    )


def _taken_in(
    desk: Desk,
    reader: Reader,
    old: Application,
    brought: Brought,
    mail: Message | None,
    ids: Sequence[int],
) -> Application:
    """Keep the next version with what was `brought`, settle what it answers, and write once if it changed things."""
    store, draft = desk.store, brought.draft
    doubted = holdings.in_doubt(store.db, [one.sha256 for one in draft.files])
    others = _settled(store, old, draft, doubted)
    old = decisions.found(desk, old.receipt)
    new = judge.renewed(store, reader, desk.campaign, old, brought)
    _refuse_twice(desk, new)
    to = decisions.addressee(desk, old)  # those it knows should hear what a new address brought
    number = mail.id if mail else None
    applications.save(store.db, new, message=number, documents=ids, at=desk.now)
    files = [one.file for one in draft.files]
    detail = {"files": files, **({"mail": mail.id, **_assigned(new, draft, doubted)} if mail else {})}
    decisions.note(desk, new.receipt, "attached", detail)
    judge.record(store, new, at=desk.now, evidence=brought.route.evidence, message=number)
    freed.tell(store, desk.campaign, old, new, at=desk.now, actor=desk.by)
    for receipt in others:
        _judged_again(desk, reader, receipt)
    if _differs(old, new):
        _write(desk, old, new, draft, to)
    return new


def _refuse_twice(desk: Desk, new: Application) -> None:
    """Raise NotPossible where a form of an account that its submitter applied with already was attached elsewhere."""
    twin = applications.of_submitter(desk.store.db, new.submitter_key, new.account_key)
    if twin is not None and twin.receipt != new.receipt:
        raise NotPossible(f"这个账号已由同一单位申报（{twin.receipt}），请把材料登记到那一件。")


def _assigned(new: Application, draft: Draft, doubted: Sequence[Doubt]) -> Mapping[str, object]:
    """Return what it takes to undo it where nothing came but files of which nobody knew whose they are."""
    own = {one.sha256 for one in doubted if one.receipt == new.receipt}
    whole = bool(draft.files) and all(one.sha256 in own for one in draft.files)
    return {ASSIGNED: to_builtins(doubted)} if whole else {}


def _settled(store: Store, old: Application, draft: Draft, doubted: Sequence[Doubt]) -> list[str]:
    """Let the files be surely `old`'s own and no other's, the links they were fetched from done; say whose else."""
    for one in doubted:
        holdings.disown(store.db, one.receipt, [one.document])
    links = [one.file for one in old.documents if one.file.endswith(ENDING)]
    done = [file for file in links if _fetched(file.removesuffix(ENDING), draft.files, alone=len(links) == 1)]
    holdings.disown(store.db, old.receipt, holdings.of_names(store.db, old.receipt, done))
    return sorted({one.receipt for one in doubted} - {old.receipt})


def _fetched(link: str, files: Sequence[File], *, alone: bool) -> bool:
    """Say whether `files` are what the link of this name led to: by name, or, of one link, by what they are."""
    titles = [one.file.rpartition("/")[2] for one in files]
    if link in titles:
        return True
    endings = {_ending(title) for title in titles}
    return alone and (_ending(link) in endings | PACKED or "" in (link, _ending(link)))


def _ending(title: str) -> str:
    return title.rpartition(".")[2].lower() if "." in title else ""


def _judged_again(desk: Desk, reader: Reader, receipt: str) -> None:
    """Judge another application of the same mail anew: a file that was perhaps its own is not."""
    before = decisions.found(desk, receipt)
    after = judge.rejudged(desk.store, reader, desk.campaign, before)
    applications.save(desk.store.db, after, message=None, documents=[])
    judge.record(desk.store, after, at=desk.now, evidence="", message=None)
    if _differs(before, after):
        _write(desk, before, after, Draft(), decisions.addressee(desk, after))


def _differs(before: Application, after: Application) -> bool:
    """Say whether there is something new to tell: another state, or other things to mend."""
    return before.state is not after.state or _asked(before) != _asked(after)


def _asked(application: Application) -> Mapping[object, int]:
    return {
        (one.code, one.field, one.file): 1 for one in application.problems if one.outcome is Outcome.CORRECT
    }


def _write(desk: Desk, before: Application, after: Application, draft: Draft, to: str | None) -> None:
    if to is None:
        return
    files = [Document(file=one.file, type=one.type, sha256=one.sha256) for one in draft.files]
    letter = replies.recorded(
        before,
        after,
        files,
        cause=f"attached:{after.version}:{desk.now.isoformat()}",
        to=to,
        campaign=desk.campaign,
        now=desk.now,
        sender=desk.sender,
    )
    decisions.queue(desk, replace(letter, due_at=desk.now + desk.wait))
