"""A new year's file is the old one with what changes, and passes the same check."""

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from storage.campaign_file import load, loads
from storage.campaign_new import renewed

FILE = Path(__file__).parents[2] / "intake" / "campaigns" / "bozhou-2022.toml"
TEXT = FILE.read_text(encoding="utf-8")
OPENS = datetime.fromisoformat("2023-05-22T00:00:00+08:00")
DEADLINE = datetime.fromisoformat("2023-06-03T00:00:00+08:00")
EXTENSION = """[[extensions]]
unit = "蒙城县"
deadline = 2022-06-07T00:00:00+08:00
deadline_text = "2022年6月6日"
reason = "因汛情，经市委网信办同意延期。"
"""


def test_only_what_is_told_changes() -> None:
    terms: dict[str, str | int] = {
        "quota.county": 5,
        "campaign.title": "2023年“清朗”推选",
        "office.telephone": "0558-5550000",
    }
    made = renewed(TEXT, name="bozhou-2023", opens=OPENS, deadline=DEADLINE, terms=terms)
    old, new = load(FILE), loads(made.encode())
    assert (new.name, new.title, new.dates.deadline) == ("bozhou-2023", "2023年“清朗”推选", DEADLINE)
    assert (new.quota.county, new.office.telephone) == (5, "0558-5550000")
    assert new.dates.deadline_text == "2023年6月2日"
    assert "6月4日零时" not in made
    assert made.startswith("# 2023年“清朗”推选：")
    same = ("limits", "region", "counties", "clauses", "outcomes", "drafted", "periods")
    assert [getattr(new, key) for key in same] == [getattr(old, key) for key in same]
    assert msgspec.structs.replace(new.quota, county=3) == old.quota


def test_last_years_extensions_are_not_next_years() -> None:
    made = renewed(
        TEXT.replace("[region]", EXTENSION + "\n[region]"), name="x", opens=OPENS, deadline=DEADLINE, terms={}
    )
    assert loads(made.encode()).extensions == ()
    assert "[region]" in made


def test_a_text_with_quotes_and_backslashes_stays_itself() -> None:
    made = renewed(TEXT, name="x", opens=OPENS, deadline=DEADLINE, terms={"office.address": 'A"座\\1层'})
    assert loads(made.encode()).office.address == 'A"座\\1层'


def test_a_key_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        renewed(TEXT, name="x", opens=OPENS, deadline=DEADLINE, terms={"office.fax": "1"})
