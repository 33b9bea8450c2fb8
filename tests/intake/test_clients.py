"""Twins: what the reader finds in a mail is what the client was given to write."""

import hashlib

import pytest

from intake.mail.envelope import read, received_at
from storage.model import Clock
from tests.build.mails import CLIENTS, OURS, Draft, post
from tests.build.spellings import SPELLINGS

FILES = (
    ("申报表（阿里木·买买提）㐂𠮷.docx", b"form"),
    ("1 朱镕基小学 营业执照.jpg", b"licence"),
    ("a.pdf", b"pdf"),
)
DRAFT = Draft(
    sender="zhangsan@unit.example.cn",
    sender_name="谯城区委网信办（·）㐂",
    subject="报送“亳州发布”申报材料：朱镕基小学𠮷",
    text="市委网信办：\n    现报送材料，请查收。\n\n--\n谯城区委网信办\n联系人：张三  电话：0558-5550000",
    files=FILES,
)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("spelling", ["", *SPELLINGS])
def test_what_a_client_wrote_is_read(client: str, spelling: str) -> None:
    posted = post(
        Draft(**{name: getattr(DRAFT, name) for name in DRAFT.__struct_fields__} | {"spelling": spelling}),
        client,
    )
    mail, expected = read(posted.raw, frozenset({OURS})), posted.envelope
    assert (mail.sender, mail.sender_name, mail.subject) == (
        expected.sender,
        expected.sender_name,
        expected.subject,
    )
    assert (mail.message_id, mail.recipients, mail.robot) == (expected.message_id, (OURS,), None)
    assert mail.text.split() == expected.text.split()
    files = [
        (each.name, hashlib.sha256(each.data).hexdigest()) for each in mail.attachments if not each.inline
    ]
    assert tuple(files) == expected.files
    assert received_at(posted.raw) == (expected.received_at, Clock.RECEIVED)
