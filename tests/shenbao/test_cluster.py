"""`[parsing] cluster`: the service and `ingest` read on it, do without it and say so; `check` tries it."""

import json
from pathlib import Path

import pytest

from shenbao import condition
from shenbao.options import now
from storage import audit, marks
from storage.database import Store, open_store
from storage.verify import verify
from tests.build import facts, licences, mails
from tests.parsers.cluster.farm import scheduler, until, worker
from tests.servers import HOST, free_port
from tests.shenbao.conftest import Shenbao
from tests.shenbao.serving import config, serving


def mail(number: int) -> bytes:
    """Return a mail with a licence as a scan, which is what leaves for the cluster."""
    who = facts.applicant(number, platform="wechat")
    made = licences.as_png(who)
    return mails.mail(who, attachments=[("说明.txt", b"1"), (made.name, made.data)]).raw


def events(store: Store) -> list[str]:
    return [one.event for one in audit.since(store.db, 0) if one.event.startswith("cluster-")]


def test_the_service_reads_on_a_cluster_and_goes_on_without_it(tmp_path: Path, shenbao: Shenbao) -> None:
    with scheduler() as (address, head), worker(address):
        settings = config(tmp_path, parsing={"workers": 1, "cluster": address})
        with serving(settings) as serve:
            serve.wait("cluster-used")
            serve.send(mail(1))
            serve.wait("mail-judged")
            assert serve.events("cluster-task-failed") == []
            with serve.store() as store:
                assert events(store) == []
            head.kill()
            serve.wait("cluster-trouble")
            serve.send(mail(2))
            serve.wait("mail-judged", 2)
            health = json.loads(shenbao("health", "--data", serve.data, "--json").out)
            assert "暂在本机读取" in health["cluster_trouble"] or "连不上" in health["cluster_trouble"]
            assert "集群：" in shenbao("health", "--data", serve.data).out
            with serve.store() as store:
                assert events(store)[0] == "cluster-trouble"
                assert verify(store) == []
            assert serve.stop() == 0


def test_ingest_reads_the_same_with_a_cluster_as_without(
    tmp_path: Path, shenbao: Shenbao, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.eml").write_bytes(mail(number))
    alone = shenbao("ingest", folder, "--data", tmp_path / "alone", "--json").lines
    with scheduler() as (address, _), worker(address):
        settings = tmp_path / "own.toml"
        settings.write_text(f'[parsing]\ncluster = "{address}"\n')
        until(lambda: "可以使用" in shenbao("check", "--config", settings).out)
        ran = shenbao("ingest", folder, "--data", tmp_path / "afar", "--config", settings, "--json")
        assert "集群：正在使用" in ran.err
        assert plain(ran.lines) == plain(alone)
    monkeypatch.setenv("SHENBAO_PARSING__CLUSTER", f"tcp://{HOST}:{free_port()}")
    ran = shenbao("ingest", folder, "--data", tmp_path / "lost", "--json")
    assert "集群：连不上集群" in ran.err
    assert plain(ran.lines) == plain(alone)


def plain(lines: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{key: value for key, value in line.items() if key != "replies"} for line in lines]


def test_the_end_of_trouble_is_told_once(tmp_path: Path) -> None:
    with open_store(tmp_path / "data") as store:
        for text in ("连不上", "连不上", "", ""):
            condition.cluster_troubled(store, text, now())
        assert events(store) == ["cluster-trouble", "cluster-back"]
        mark = marks.get(store.db, condition.CLUSTER)
        assert mark is not None
        assert mark.value == ""
