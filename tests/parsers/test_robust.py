"""No damaged file makes a reader raise; the long run of the same is `python -m tests.fuzz` (`make fuzz`)."""

import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import docx
import importlinter
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import parsers
from parsers.containers.archive import is_container, unpack
from parsers.documents import Unreadable, Why, decode, encode
from parsers.workers import Workers, refused
from tests import fuzz

SAMPLES: Mapping[str, bytes] = fuzz.samples()


@pytest.fixture(autouse=True)
def _no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """LibreOffice takes seconds for a file; the long run has it."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize("name", sorted(SAMPLES))
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_a_value(name: str, seed: int) -> None:
    data = fuzz.damaged(SAMPLES[name], random.Random(seed))
    if is_container(data):
        opened = unpack(data, name)
        assert opened.facts.type in {"archive", "unreadable"}
    facts = parsers.read(data, name)
    assert decode(encode(facts)) == facts


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_samples_are_whole(name: str) -> None:
    facts = parsers.read(SAMPLES[name], name)
    part = facts.parts[0]
    assert not isinstance(part, Unreadable) or part.why in {Why.UNSUPPORTED, Why.ENCRYPTED, Why.UNSAFE}


def test_damage_is_the_same_for_the_same_seed_and_is_damage() -> None:
    data = SAMPLES["a.docx"]
    first, second, third = (fuzz.damaged(data, random.Random(seed)) for seed in (1, 1, 2))
    assert first == second
    assert data not in {first, third}
    assert first != third


def test_a_limit_that_was_passed_is_a_fault() -> None:
    assert fuzz.fault("a", refused(Why.TIMEOUT, "读取此文件超过了时间限制")) is not None
    assert fuzz.fault("a", parsers.read(b"", "a")) is None


def test_given_files_are_read_with_their_members(tmp_path: Path) -> None:
    for name in ("a.zip", "a.txt", "plain.rtf"):
        (tmp_path / name).write_bytes(SAMPLES[name])
    with Workers(workers=1) as workers:
        assert not list(fuzz.faults(fuzz.found([tmp_path]), workers))
    assert [Path(name).name for name, _ in fuzz.found([tmp_path])] == ["a.txt", "a.zip", "plain.rtf"]


def test_files_of_other_projects_that_lie_in_their_packages() -> None:
    """A taste of `make fuzz ARGS="FOLDER ..."`, which reads whole collections of other projects' test files."""
    folders = [Path(str(package.__file__)).parent for package in (docx, importlinter)]
    folders.append(Path(np.__file__).parent / "random" / "tests" / "data")
    files = [
        (name, data) for name, data in fuzz.found(folders) if name.endswith((".docx", ".gz", ".html", ".xml"))
    ]
    tally: Counter[str] = Counter()
    with Workers(workers=1) as workers:
        assert not list(fuzz.faults(iter(files), workers, tally))
    assert {"docx", "html", "archive"} <= {what.split()[0] for what in tally}


@pytest.mark.parametrize("missing", [1, 40, 400])
def test_a_docx_that_lost_bytes_before_its_directory(missing: int) -> None:
    data = SAMPLES["a.docx"]
    facts = parsers.read(data[:60] + data[60 + missing :], "a.docx")
    part = facts.parts[0]
    assert isinstance(part, Unreadable)
    assert part.why is Why.CORRUPT
