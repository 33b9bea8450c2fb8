"""How the service is: what it notes of itself while it runs, and what `shenbao health` makes of that."""

import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from intake import expiring
from intake.doors.keeping import IN_JUNK
from intake.doors.mailbox import Look
from intake.letters import sender
from shenbao.outputs import Json, moment
from shenbao.words import MAILS
from storage import audit, listeners, marks, messages, outbox, pending, tallies
from storage.database import Store
from storage.marks import Mark
from storage.model import LetterState, State

LOOKED = "mailbox-looked"  # the last time the mailbox answered
CHECKED = "mailbox-checked"  # the day whose count of the whole box is in the audit trail
FAULT = "duty-failed"  # the duty that failed last, and how
LIMITS = "outgoing-limits"  # how many letters an hour and a day, as the running service was told
LOW_DISK = 1024**3  # bytes; a busy day brings less than that
STALE = timedelta(minutes=10)  # so long without a look at the mailbox is worth a person's look

# What lasts: told once when it begins, under this name, and once when it is over, under the other.
TROUBLE = "mailbox-trouble"  # why the mailbox cannot be used
UNREACHED = "mailbox-unreached"  # since when nobody has reached it, once that is ten minutes
LACKING = "mailbox-lacking"  # the mails that it lists and does not give
NOT_MOVED = "mails-not-moved"  # why kept mails stay where they are
CLUSTER = "cluster-trouble"  # why the cluster, or some machine of it, is not used
OVER = {
    TROUBLE: "mailbox-back",
    UNREACHED: "mailbox-reached",
    LACKING: "mailbox-complete",
    NOT_MOVED: "mails-moved",
    CLUSTER: "cluster-back",
}
MOST_TOLD = 20


def reached(store: Store, at: datetime) -> None:
    """Note that the mailbox answered just now."""
    with store.transaction():
        marks.set(store.db, LOOKED, "", at)


def looked(store: Store, found: Look, at: datetime) -> None:
    """Note a good look and what it found; what was wrong and is over goes into the audit trail.

    Every UID of the box was compared with what is kept; once a day the count of that is told too.
    """
    with store.transaction():
        marks.set(store.db, LOOKED, str(found.new), at)
        _lasts(store, TROUBLE, "", at)
        _lasts(store, UNREACHED, "", at)
        _lasts(store, LACKING, "、".join(map(str, found.lacking[:MOST_TOLD])), at)
        _lasts(store, NOT_MOVED, found.not_moved, at)
        if _told(marks.get(store.db, CHECKED)) != at.date().isoformat():
            marks.set(store.db, CHECKED, at.date().isoformat(), at)
            counts = {"present": found.present, "new": found.new, "lacking": len(found.lacking)}
            audit.record(store.db, at=at, actor="system", event=CHECKED, detail=counts)


def mailbox_troubled(store: Store, told: str, at: datetime) -> None:
    """Note why the mailbox cannot be used, once for as long as the reason stays the same."""
    with store.transaction():
        _lasts(store, TROUBLE, told, at)


def cluster_troubled(store: Store, told: str, at: datetime) -> None:
    """Note why the cluster is not used, or that all of it is again where `told` is empty."""
    with store.transaction():
        _lasts(store, CLUSTER, told, at)


def mailbox_awaited(store: Store, since: datetime, at: datetime) -> None:
    """Tell staff once that the mailbox has not been reached for ten minutes, by a service that runs `since`."""
    look = marks.get(store.db, LOOKED)
    last = max(since, look.at) if look else since
    if at - last >= STALE and not _told(marks.get(store.db, UNREACHED)):
        with store.transaction():
            _lasts(store, UNREACHED, moment(last), at)


def _lasts(store: Store, name: str, told: str, at: datetime) -> None:
    """Note what is wrong under `name`, or that it is over where `told` is empty; a change is audited."""
    if _told(marks.get(store.db, name)) == told:
        return
    marks.set(store.db, name, told, at)
    detail = {"fault": told} if told else {}
    audit.record(store.db, at=at, actor="system", event=name if told else OVER[name], detail=detail)


def duty_failed(store: Store, duty: str, error: Exception, at: datetime) -> None:
    """Note that a duty of the service failed and is begun again."""
    with store.transaction():
        marks.set(store.db, FAULT, f"{duty}: {type(error).__name__}", at)


def limited(store: Store, hourly: int, daily: int, at: datetime) -> None:
    """Note the limits that the service sends within."""
    with store.transaction():
        marks.set(store.db, LIMITS, f"{hourly} {daily}", at)


def _room(store: Store, at: datetime) -> Json | None:
    """Return how many letters may still go this hour and today; None where no service told its limits."""
    mark = marks.get(store.db, LIMITS)
    if mark is None:
        return None
    hourly, daily = map(int, mark.value.split())
    hour, day = (outbox.sent_since(store.db, at - timedelta(hours=hours)) for hours in (1, 24))
    return {"hour": max(0, hourly - hour), "day": max(0, daily - day)}


def disk_low(folder: Path) -> int | None:
    """Return the bytes that are free where the data lies, if those are few."""
    free = shutil.disk_usage(folder).free
    return free if free < LOW_DISK else None


def report(store: Store, at: datetime) -> Json:
    """Return the state of the service `at`; not `good` where something needs a person before it goes on."""
    look = marks.get(store.db, LOOKED)
    trouble, unreached, lacking, not_moved = (
        _told(marks.get(store.db, name)) or None for name in (TROUBLE, UNREACHED, LACKING, NOT_MOVED)
    )
    junk = messages.quarantined_for(store.db, IN_JUNK)
    fresh = at - look.at < STALE if look else not trouble
    fault, waiting = marks.get(store.db, FAULT), messages.waiting(store.db)
    failing = fault.value if fault and at - fault.at < STALE else None
    stopped, hindered = sender.stopped_by(store), _hindered(store)
    low = disk_low(store.folder)
    tried = any(one.tries for one in waiting)
    return {
        "good": fresh and not (lacking or failing or stopped or hindered or tried or low is not None),
        "mailbox_looked": moment(look.at) if look else None,
        "mailbox_fresh": fresh if look or trouble else None,
        "mailbox_trouble": trouble,
        "mailbox_unreached_since": unreached,
        "mailbox_lacking": lacking,
        "mails_not_moved": not_moved,
        "junk": [{"message": one.id, "sender": one.sender, "subject": one.subject} for one in junk],
        "duty_failed": failing,
        "cluster_trouble": _told(marks.get(store.db, CLUSTER)) or None,
        "mails_waiting": len(waiting),
        "oldest_waiting": moment(waiting[0].received_at) if waiting else None,
        **_letters(store),
        "sending_stopped_by": stopped,
        "sending_trouble": hindered,
        "outgoing_left": _room(store, at),
        "disk_low_bytes": low,
        "for_a_person": _for_a_person(store),
        "secrets": len(messages.secrets(store.db)),
        "notices_unreached": [
            {"chat": one.chat, "fault": one.fault} for one in listeners.unreached(store.db)
        ],
        "links_expiring": audit.count_since(store.db, expiring.EVENT, at - expiring.WARNING),
        "mails": {
            (one.value if one else "waiting"): count for one, count in tallies.mail_outcomes(store.db).items()
        },
    }


def _letters(store: Store) -> Json:
    letters = outbox.counts(store.db)
    stuck = letters[LetterState.FAILED] + letters[LetterState.UNCERTAIN]
    return {"letters": {state.value: letters[state] for state in LetterState}, "letters_stuck": stuck}


def _for_a_person(store: Store) -> Json:
    letters = outbox.counts(store.db)
    return {
        "reviewing": tallies.by_state(store.db)[State.REVIEWING],
        "drafts": letters[LetterState.DRAFT] + letters[LetterState.HELD],
        "quarantined": len(messages.quarantined(store.db)),
        "beside": len(pending.every(store.db)),
    }


def _hindered(store: Store) -> str | None:
    """Return why no letter can go out now, where the sender waits for a server."""
    mark = marks.get(store.db, sender.PAUSED)
    return msgspec.json.decode(mark.value, type=sender.Pause).why if mark and mark.value else None


def _told(mark: Mark | None) -> str:
    return mark.value if mark else ""


def told(report: Json) -> Iterable[str]:
    """Yield the report as lines for a person."""
    yield from _of_mailbox(report)
    if report["duty_failed"]:
        yield f"服务：有一部分刚刚出错（{report['duty_failed']}），正在自动重试，详情见 serve 的日志。"
    if report["disk_low_bytes"] is not None:
        yield f"磁盘：只剩{report['disk_low_bytes'] / 1024**3:.1f}GB，请尽快腾出空间。"
    if report["cluster_trouble"]:
        yield f"集群：{report['cluster_trouble']}"
    oldest = f"，最早的收于 {report['oldest_waiting']}" if report["oldest_waiting"] else ""
    yield f"待审核的邮件：{report['mails_waiting']}封{oldest}"
    yield from _of_letters(report)
    person = report["for_a_person"]
    yield f"等人处理：待核定{person['reviewing']}件，待放行的信{person['drafts']}封，隔离的邮件{person['quarantined']}封"
    if person["beside"]:
        yield f"      不认识的邮箱替申报发来、等人确认的邮件：{person['beside']}封，用 shenbao show 收件编号查看，attach --message 收下，加 --refuse 不收。"
    if report["secrets"]:
        yield f"疑似涉密的邮件：{report['secrets']}封，已单独隔离，请按保密规定处置（shenbao quarantine）。"
    if report["links_expiring"]:
        yield f"超大附件链接：{report['links_expiring']}个将在两天内失效或刚刚失效，请尽快下载，再用 shenbao attach 补入。"
    if report["notices_unreached"]:
        chats = "、".join(f"{one['chat']}（{one['fault']}）" for one in report["notices_unreached"])
        yield f"通知没有送到：{chats}。会自动再试；对方可能没有打开过机器人，或已把它屏蔽。"
    names = {one.value: name for one, name in MAILS.items()} | {"waiting": "待审核"}
    counted = "，".join(f"{names[key]}{count}" for key, count in report["mails"].items() if count)
    yield f"收到的邮件：{counted or '还没有'}"


def _of_mailbox(report: Json) -> Iterable[str]:
    looked = report["mailbox_looked"]
    yield f"邮箱：{f'最近一次查看 {looked}' if looked else '没有查看过（只从文件读入，或还没有运行 serve）'}"
    if report["mailbox_trouble"]:
        yield f"      现在用不了：{report['mailbox_trouble']}"
    if report["mailbox_fresh"] is False:
        yield "      已超过十分钟没有连上邮箱，请检查网络和 shenbao serve 是否在运行。"
    if report["mailbox_lacking"]:
        yield f"      邮箱里有邮件取不下来（UID {report['mailbox_lacking']}），请登录网页邮箱查看。"
    if report["mails_not_moved"]:
        yield f"      {report['mails_not_moved']}"
    yield from _of_junk(report["junk"])


def _of_junk(junk: Sequence[Json]) -> Iterable[str]:
    if not junk:
        return
    yield (
        f"      垃圾邮件文件夹里有{len(junk)}封邮件没有处理，请看有没有申报材料："
        "有就移到收件箱，或 shenbao retry 编号；没有就 shenbao quarantine 编号 --aside 理由。"
    )
    for one in junk[-MOST_TOLD:]:
        yield f"      {one['message']}：{one['sender'] or '（发件人没有读出）'}《{one['subject'] or '无主题'}》"


def _of_letters(report: Json) -> Iterable[str]:
    yield f"待发的信：{report['letters']['queued']}封；未能送达或不明：{report['letters_stuck']}封"
    if report["sending_stopped_by"]:
        yield (
            f"      发信已全部停下：第{report['sending_stopped_by']}号信被对方服务器当作垃圾邮件。"
            "请看 shenbao outbox，改好后 release，或用 drop 作废，发信随即恢复。"
        )
    if report["sending_trouble"]:
        yield f"      暂时发不出去：{report['sending_trouble']}"
    if room := report["outgoing_left"]:
        yield f"      限额内还可以发：本小时{room['hour']}封，今天{room['day']}封"
