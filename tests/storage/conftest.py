from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage.database import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        yield opened


@pytest.fixture
def db(store: Store) -> Database:
    return store.db
