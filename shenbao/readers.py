"""Who reads the files: processes of this machine, and the machines of a cluster where one is set."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from parsers.cluster.elsewhere import Cluster, Terms
from parsers.workers import Workers
from shenbao import condition
from shenbao.options import Failure, Misuse, now
from shenbao.settings import PREFIX, ParsingSettings, SettingsError, load
from storage.database import Store, open_store

log = logging.getLogger("shenbao.readers")


def _own() -> dict[str, str]:
    """Return what the environment says of reading; other parts need not be whole to read with."""
    return {name: value for name, value in os.environ.items() if name.startswith(f"{PREFIX}PARSING__")}


def parsing_of(config: Path | None) -> ParsingSettings:
    """Return how files are to be read by the settings file, or by the environment alone."""
    if config is not None and not config.is_file():
        raise Misuse(f"没有这个设置文件：{config}")
    try:
        return load(config, os.environ if config else _own()).parsing
    except SettingsError as error:
        raise Failure(str(error)) from error


@contextmanager
def readers(
    settings: ParsingSettings, store: Store, tell: Callable[[str], None] | None = None
) -> Iterator[Workers | Cluster]:
    """Yield who reads for the store; `tell` too hears why the cluster is not used, once for each reason."""
    with Workers(settings.workers, settings.memory_mb, settings.seconds) as home:
        if not settings.cluster:
            condition.cluster_troubled(store, "", now())
            yield home
            return
        terms = Terms(
            address=settings.cluster,
            memory_mb=settings.memory_mb,
            seconds=settings.seconds,
            path_of=store.blobs.path,
        )
        with Cluster(terms, home, _noted(store.folder, tell)) as cluster:
            yield cluster


def _noted(folder: Path, tell: Callable[[str], None] | None) -> Callable[[str], None]:
    """Return who puts what is told of the cluster into the log, the store and before `tell`, if it is new."""
    lock, last = threading.Lock(), ["no word yet"]

    def note(text: str) -> None:
        with lock:
            before, last[0] = last[0], text
            if text == before:
                return
            if text:
                log.warning("cluster-trouble", extra={"fault": text})
            else:
                log.info("cluster-used")
            if tell:
                tell(text)
            with open_store(folder) as own:  # another thread than the store's
                condition.cluster_troubled(own, text, now())

    return note
