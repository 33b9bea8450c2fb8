"""What goes through a foreign chat service by default: every command and button, with nothing that is not allowed."""

from collections.abc import Iterator

import msgspec
import pytest

from bot.access import Answer, Desk, Person, Role
from bot.commands import COMMANDS, answer, pressed
from bot.news import due
from storage import applications, outbox
from storage.database import Store
from storage.model import (
    Code,
    Document,
    DocumentType,
    Fields,
    Letter,
    LetterKind,
    LetterState,
    Outcome,
    State,
)
from tests.bot import made
from tests.bot.conftest import somebody

PERSON = "欧阳秘密"
SECRETS = {
    "contact": PERSON,
    "mobile": "13900001111",
    "phone": "0558-5551234",
    "email": "secret@example.cn",
    "address": "亳州市秘密路9号",
    "organizer": PERSON,
    "identifier": "secret_id",
}
FILE = "秘密文件.docx"
HIDDEN = (*SECRETS.values(), FILE, "secret", "秘密")
DECIDER = somebody(Role.DECIDER, "7", channel="telegram")
APPLICANT = somebody(Role.APPLICANT, "9", channel="telegram")
ARGUMENTS = ("", "10", "10 注册地不在本市", f"10 {FILE}", "1", "待核定", "谯城区", "全部", made.token_of(10))


@pytest.fixture
def little(desk: Desk, store: Store) -> Desk:
    """Return a desk in front of an application of a private person's, with a loose file and a draft."""
    problems = (
        made.problem(Code.FIELD_INVALID, Outcome.CORRECT, field="mobile", fact=SECRETS["mobile"], file=FILE),
        made.problem(Code.ATTACHMENT_UNASSIGNED, Outcome.REVIEW, file=FILE, message=f"{FILE}是谁的？"),
        made.problem(Code.DUPLICATE_SUSPECTED, Outcome.REVIEW, fact=f"与{PERSON}相同", clause="二"),
    )
    one = made.application(
        10,
        "公开的名称",
        State.REVIEWING,
        fields=Fields(name="公开的名称", **SECRETS),
        submitter=PERSON,
        submitter_key=PERSON,
        problems=problems,
        addresses=(SECRETS["email"],),
    )
    made.keep(store, one)
    letter = Letter(
        kind=LetterKind.REJECTION, receipts=(one.receipt,), cause="c", to=(SECRETS["email"],),
        subject="【暂未纳入】申报结果", body=f"{PERSON}：\n您好。\n", message_id="<1@example.cn>",
        state=LetterState.DRAFT, created_at=made.NOW, due_at=made.NOW,
    )  # fmt: skip
    sha = store.blobs.keep(b"PK")
    with store.transaction() as db:
        outbox.queue(db, letter)
        db.execute(
            "INSERT INTO documents (position, file, type, sha256) VALUES (0, ?, 'form', ?)", (FILE, sha)
        )
        applications.save(db, one, message=None, documents=[1])
    return msgspec.structs.replace(desk, details="minimal")


def everything(desk: Desk, person: Person) -> Iterator[tuple[str, Answer]]:
    """Give every command with every argument, and press every button of each answer."""
    for word in dict.fromkeys(one.word for one in COMMANDS):
        for argument in ARGUMENTS:
            typed = f"/{word} {argument}".strip()
            told = answer(desk, person, typed)
            yield typed, told
            for button in (button for row in told.buttons for button in row):
                yield f"{typed} → {button.command}", pressed(desk, person, button.command)


@pytest.mark.parametrize("person", [DECIDER, APPLICANT], ids=["staff", "the applicant"])
def test_no_answer_holds_contact_data_or_a_file(little: Desk, person: Person) -> None:
    answer(little, APPLICANT, f"/start {made.token_of(10)}")
    told = list(everything(little, person))
    assert len(told) > 100
    assert any("公开的名称" in one.text for _, one in told)
    leaks = [
        (typed, word)
        for typed, one in told
        for word in HIDDEN
        if word in one.text or any(word in button.label for row in one.buttons for button in row)
    ]
    assert leaks == []
    assert [typed for typed, one in told if one.file is not None or one.later is not None] == []


def test_no_news_holds_any_either(little: Desk, store: Store) -> None:
    answer(little, APPLICANT, f"/start {made.token_of(10)}")
    found = applications.get(store.db, "WM2022-0010")
    assert found is not None
    with store.transaction() as db:
        applications.save(
            db, msgspec.structs.replace(found, state=State.CORRECTING), message=None, documents=()
        )
    ((_, those),) = due(little, "telegram")
    assert "待补正" in those[0].text
    assert [word for word in HIDDEN if word in those[0].text] == []


def test_with_full_details_staff_see_it_all(little: Desk) -> None:
    full = msgspec.structs.replace(little, details="full")
    told = "\n".join(one.text for _, one in everything(full, DECIDER))
    assert [word for word in (SECRETS["mobile"], SECRETS["email"], PERSON, FILE) if word not in told] == []


def test_who_else_reads_along_in_a_group_sees_no_number_and_no_address(little: Desk) -> None:
    full = msgspec.structs.replace(little, details="full")
    group = somebody(Role.DECIDER, "7", channel="telegram", group=True)
    told = list(everything(full, group))
    for word in (SECRETS["mobile"], SECRETS["email"]):
        assert [typed for typed, one in told if word in one.text] == []
    assert [typed for typed, one in told if one.file is not None or one.later is not None] == []


def test_the_document_is_there_to_be_hidden(little: Desk, store: Store) -> None:
    found = applications.get(store.db, "WM2022-0010")
    assert found is not None
    assert found.documents == (Document(file=FILE, type=DocumentType.FORM, sha256=found.documents[0].sha256),)
