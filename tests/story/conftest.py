from collections.abc import Iterator
from pathlib import Path

import pytest

from parsers.workers import Workers
from tests.story.office import Office


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    with Workers(1) as made:
        yield made


@pytest.fixture
def office(tmp_path: Path, workers: Workers) -> Iterator[Office]:
    with Office(tmp_path / "data", workers) as made:
        yield made
