"""The machines of a cluster: each is asked once who it is, and only one that reads as we do is used."""

import functools
import threading
import time
from collections.abc import Callable

import msgspec

import parsers
from parsers.cluster import door, task
from parsers.cluster.door import Failed, Link, Task, Unusable
from parsers.cluster.task import Greeting

PATIENCE = 10.0  # seconds; a machine at work answers when it has read what it is reading
NONE = "集群里没有可用的工作机，暂在本机读取，恢复后自动使用"
SILENT = "还没有应答"
LACKING = "没有安装 shenbao，或 shenbao 运行不正常（{why}）"
DAEMONIC = "不能启动读取进程，请给 dask worker 加上 --no-nanny"
DIFFERENT = (
    "读取程序的版本是 {there}，本机是 {here}：请装同一版本的 shenbao、Python 和组件，"
    "LibreOffice、antiword 要么都装，要么都不装"
)


class Members:
    """Who is there; `good` are those that may be used, as they were last seen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, tuple[Task, float]] = {}
        self._faults: dict[str, str] = {}  # empty: none

    @property
    def good(self) -> frozenset[str]:
        with self._lock:
            return frozenset(address for address, fault in self._faults.items() if not fault)

    def look(self, link: Link, answered: Callable[[], None]) -> None:
        """See who is there, and ask the new ones who they are; raise `Unusable` if nobody answers."""
        there = link.machines()
        with self._lock:
            for gone in self._asked.keys() - there:
                del self._asked[gone]
                self._faults.pop(gone, None)
            new = there - self._asked.keys()
        for address in new:
            asked = link.submit(task.greet, machines=frozenset({address}), urgent=True)
            with self._lock:
                self._asked[address] = asked, time.monotonic()
            asked.then(functools.partial(self._answered, address, answered))

    def forget(self, machines: frozenset[str]) -> None:
        """Ask these machines anew who they are: one of them is not who it was."""
        with self._lock:
            for address in machines:
                self._asked.pop(address, None)
                self._faults.pop(address, None)

    def told(self) -> str | None:
        """Return what is wrong with the machines, in Chinese; '' where all is well, None where it is too early."""
        early = time.monotonic() - PATIENCE
        with self._lock:
            silent = {address: at for address, (_, at) in self._asked.items() if address not in self._faults}
            faults = self._faults | {address: SILENT for address, at in silent.items() if at < early}
        used = sum(not fault for fault in faults.values())
        if not used and len(silent) > len(faults):
            return None
        wrong = "；".join(f"{address}：{fault}" for address, fault in sorted(faults.items()) if fault)
        if not used:
            return f"{NONE}（{wrong}）" if wrong else NONE
        return f"集群里有{used}台工作机在用，没有使用的：{wrong}" if wrong else ""

    def _answered(self, address: str, answered: Callable[[], None], asked: Task) -> None:
        fault = _fault(asked)
        with self._lock:
            if self._asked.get(address, (None, 0))[0] is not asked or fault is None:
                return
            self._faults[address] = fault
        answered()


def attempt(address: str) -> tuple[bool, str]:
    """Try the cluster; say whether all of it can be used, and what is wrong or how many machines there are."""
    try:
        link = door.join(address)
    except Unusable as error:
        return False, str(error)
    members, answered = Members(), threading.Semaphore(0)
    try:
        members.look(link, answered.release)
        for _ in range(len(link.machines())):
            answered.acquire(timeout=PATIENCE)
    except Unusable as error:
        return False, str(error)
    finally:
        link.close()
    told = members.told()
    if told is None:
        return False, f"集群 {address} 的工作机没有在{PATIENCE:.0f}秒内应答"
    return not told, told or f"{address} 可以使用，有{len(members.good)}台工作机，读取程序的版本与本机相同"


def _fault(asked: Task) -> str | None:
    """Return what is wrong with a machine by its answer, empty for nothing; None if it went away."""
    try:
        greeting = msgspec.json.decode(asked.outcome(), type=Greeting)
    except Unusable:
        return None
    except (Failed, msgspec.DecodeError) as error:
        return LACKING.format(why=str(error) or type(error).__name__)
    if greeting.version != parsers.VERSION:
        return DIFFERENT.format(there=greeting.version, here=parsers.VERSION)
    return DAEMONIC if greeting.daemonic else ""
