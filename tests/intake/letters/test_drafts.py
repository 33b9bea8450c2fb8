"""Drafts: released, edited and dropped by a person; none goes that was overtaken."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from intake import decisions
from intake.decisions import Desk
from intake.letters import drafts
from intake.office.reminders import remind
from storage import audit, outbox
from storage.database import Store, open_store
from storage.model import Letter, LetterKind, LetterState
from tests.bot import made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store with a reminder drafted for each of its applications that has something open."""
    with open_store(tmp_path / "data", patience=5) as opened:
        made.keep(opened, *made.office())
        remind(desk(opened))
        yield opened


def desk(store: Store, minutes: int = 0) -> Desk:
    now = made.NOW + timedelta(minutes=minutes)
    return Desk(store=store, campaign=made.CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=now)


def draft(store: Store) -> Letter:
    (letter,) = drafts.chosen(store, LetterKind.REMINDER)
    return letter


def test_a_draft_is_edited_then_released_and_each_step_is_audited(store: Store) -> None:
    letter = draft(store)
    assert drafts.edit(store, letter, "您好：\r\n请补正。\n\n", by="王芳", at=made.NOW)
    assert draft(store).body == "您好：\n请补正。\n"
    assert draft(store).message_id == letter.message_id
    assert not drafts.edit(store, draft(store), "您好：\n请补正。", by="王芳", at=made.NOW)
    drafts.release(store, draft(store), by="李明", at=made.NOW)
    found = outbox.get(store.db, letter.id)
    assert found is not None
    assert found.state is LetterState.QUEUED
    trail = [(one.actor, one.event) for one in audit.history(store.db, "WM2022-0002")][-2:]
    assert trail == [("王芳", "letter-edited"), ("李明", "letter-released")]
    with pytest.raises(drafts.NotSo, match="不能修改"):
        drafts.edit(store, found, "太晚了", by="王芳", at=made.NOW)
    with pytest.raises(drafts.NotSo, match="空的"):
        drafts.edit(store, found, " \n", by="王芳", at=made.NOW)


def test_a_draft_that_was_overtaken_stays_until_a_person_has_looked(store: Store) -> None:
    letter = draft(store)
    decisions.accept(desk(store, minutes=1), "WM2022-0002")
    assert drafts.overtaken(store, letter) == ["WM2022-0002"]
    with pytest.raises(drafts.NotSo, match="WM2022-0002 又审核或处理过"):
        drafts.release(store, letter, by="王芳", at=made.NOW)
    assert draft(store).state is LetterState.DRAFT
    drafts.edit(store, letter, "改好的信", by="王芳", at=made.NOW)
    assert drafts.overtaken(store, letter) == []


def test_it_goes_anyway_when_told_so_and_that_is_audited(store: Store) -> None:
    letter = draft(store)
    decisions.reject(desk(store, minutes=1), "WM2022-0003", "材料不实")
    drafts.release(store, letter, by="王芳", at=made.NOW, anyway=True)
    last = audit.history(store.db, "WM2022-0003")[-1]
    assert (last.event, last.detail) == (
        "letter-released",
        {"letter": letter.id, "from": "draft", "anyway": True},
    )


def test_what_is_paper_only_overtakes_nothing(store: Store) -> None:
    decisions.paper(desk(store, minutes=1), "WM2022-0005")
    assert drafts.overtaken(store, draft(store)) == []


def test_only_drafts_are_chosen_together_and_a_dropped_one_is_no_more(store: Store) -> None:
    letter = draft(store)
    assert drafts.chosen(store, LetterKind.REJECTION) == []
    assert drafts.chosen(store, None) == [letter]
    drafts.drop(store, letter, by="王芳", at=made.NOW)
    assert drafts.chosen(store, None) == []
    assert remind(desk(store, minutes=5)).letters == ()
