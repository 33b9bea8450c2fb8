"""What waits beside an application for staff, and whose the documents are."""

from sqlite_utils import Database

from storage import applications, documents, holdings, messages, pending
from tests.storage import made

RECEIPT = "WM2022-0001"


def test_a_mail_waits_beside_an_application_until_it_is_settled_once(db: Database) -> None:
    made.saved(db, made.application())
    later, _ = messages.keep(db, made.arrival("later", minutes=5))
    first, _ = messages.keep(db, made.arrival("first"))
    for message in (later.id, first.id, first.id):
        pending.keep(db, RECEIPT, message, renews=message == first.id, at=made.NOON)
    assert [(one.message, one.renews) for one in pending.offers(db, RECEIPT)] == [
        (first.id, True),
        (later.id, False),
    ]
    assert pending.settle(db, RECEIPT, first.id, "王芳", made.NOON)
    assert not pending.settle(db, RECEIPT, first.id, "王芳", made.NOON)
    assert [one.message for one in pending.every(db)] == [later.id]


def test_a_document_in_doubt_is_told_and_one_disowned_is_gone_until_it_is_added_again(db: Database) -> None:
    made.saved(db, made.application())
    (held,) = documents.add(db, None, [made.file("执照.jpg")])
    holdings.add(db, RECEIPT, [held], 1)
    holdings.doubt(db, RECEIPT, [held])
    (document,) = applications.holdings(db, RECEIPT)
    assert document.unassigned
    (doubt,) = holdings.in_doubt(db, [document.sha256])
    assert (doubt.receipt, doubt.document) == (RECEIPT, held)
    assert holdings.of_names(db, RECEIPT, ["执照.jpg"]) == [held]
    holdings.disown(db, RECEIPT, [held])
    assert applications.holdings(db, RECEIPT) == []
    holdings.add(db, RECEIPT, [held], 2)
    (document,) = applications.holdings(db, RECEIPT)
    assert (document.version, document.unassigned) == (2, False)
