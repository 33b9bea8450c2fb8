"""The one door to dask.distributed. What goes wrong with a cluster is an `Unusable`, told in Chinese."""

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0  # a scheduler that is stopped keeps its connections open
FETCH_SECONDS = 30.0  # facts are small; a machine that dies with them would be waited for
NEVER = "100 GB"  # dask warns of large arguments, and some files are large
TROUBLE = (OSError, CancelledError, ValueError, TypeError, RuntimeError)  # TimeoutError is an OSError

log = logging.getLogger(__name__)


class Unusable(Exception):
    """Why the cluster cannot be used, in Chinese."""


class Failed(Exception):
    """What was raised where a task ran; the cluster may be well."""


class Task:
    """Something that the cluster was asked to do."""

    def __init__(self, future: Any) -> None:
        self._future = future

    def then(self, call: Callable[["Task"], None]) -> None:
        """Have `call` called with this task, in another thread, once it is done or lost."""
        self._future.add_done_callback(lambda _: call(self))

    def outcome(self) -> bytes:
        """Return what came of it once it is done; raise `Unusable` if it was lost, `Failed` if it failed."""
        if self._future.status in ("cancelled", "lost"):
            raise Unusable("集群的连接断开了")
        try:
            return bytes(self._future.result(timeout=FETCH_SECONDS))
        except Exception as error:  # whatever was raised there is raised here
            raise Failed(type(error).__name__) from error

    def drop(self) -> None:
        """Let the cluster forget it; what is lost anyway is forgotten already."""
        try:
            self._future.cancel()
        except TROUBLE:
            log.debug("cluster-task-not-dropped", exc_info=True)


class Link:
    """A joined cluster."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def machines(self) -> frozenset[str]:
        """Return the addresses of the workers; raise `Unusable` if the scheduler does not answer."""
        return frozenset(self._asked("identity", n_workers=-1)["workers"])

    def version(self) -> str:
        """Return the scheduler's version of dask.distributed; raise `Unusable` if it does not answer."""
        return str(self._asked("versions")["packages"]["distributed"])

    def submit(
        self,
        function: Callable[..., bytes],
        *arguments: object,
        machines: frozenset[str],
        urgent: bool = False,
    ) -> Task:
        """Have `function` run on one of `machines`, on another of them if that dies; raise `Unusable`."""
        try:
            future = self._client.submit(
                function,
                *arguments,
                pure=False,
                workers=sorted(machines),
                allow_other_workers=False,
                priority=1 if urgent else 0,
            )
        except TROUBLE as error:
            raise _silent(error) from error
        return Task(future)

    def close(self) -> None:
        self._client.close(timeout=CONNECT_SECONDS)

    def _asked(self, what: str, **arguments: object) -> dict[str, Any]:
        try:
            ask = getattr(self._client.scheduler, what)
            answer: dict[str, Any] = self._client.sync(ask, callback_timeout=ANSWER_SECONDS, **arguments)
        except TROUBLE as error:
            raise _silent(error) from error
        return answer


def join(address: str) -> Link:
    """Join the cluster at `address`; raise `Unusable` if that cannot be done."""
    try:
        import dask  # noqa: PLC0415 - an extra that few install, and slow to import
        import distributed  # noqa: PLC0415
    except ImportError as error:
        raise Unusable("没有安装集群所需的组件，请在本机运行 .venv/bin/pip install distributed") from error
    library: Any = distributed
    _hush()
    dask.config.set({"distributed.admin.large-graph-warning-threshold": NEVER})
    try:
        client = library.Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="shenbao")
    except TROUBLE as error:
        told = "请检查调度机是否已启动、地址和端口、防火墙；用 tls:// 的请检查证书"
        raise Unusable(f"连不上集群 {address}：{told}") from error
    link = Link(client)
    try:
        _check(address, link.version(), library.__version__)
    except Unusable:
        link.close()
        raise
    return link


def threads() -> int:
    """Return how many tasks the worker that runs this task takes at once."""
    from distributed import get_worker  # noqa: PLC0415 - as above

    return int(get_worker().state.nthreads)


def _check(address: str, there: str, here: str) -> None:
    if there != here:
        raise Unusable(f"集群 {address} 上 distributed 的版本是 {there}，本机是 {here}：请装成同一版本")


def _hush() -> None:
    """Keep dask from writing of lost connections, with a trace each and past our log: we tell of them ourselves."""
    theirs = logging.getLogger("distributed")
    theirs.handlers.clear()
    theirs.propagate = True
    theirs.setLevel(logging.CRITICAL)


def _silent(error: BaseException) -> Unusable:
    return Unusable(f"集群没有应答（{type(error).__name__}）")
