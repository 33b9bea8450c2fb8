"""What is kept: the nouns, the campaign's terms, the SQLite store."""

import importlib
import sys


def _without(*unwanted: str) -> None:
    """Import sqlite-utils as if `unwanted` were not installed: it takes them in for column types of theirs.

    None of ours is one, and each command would wait for them.
    """
    absent = [name for name in unwanted if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None is how Python says "not there"
    try:
        importlib.import_module("sqlite_utils")
    finally:
        for name in absent:
            del sys.modules[name]


_without("numpy", "pandas")
