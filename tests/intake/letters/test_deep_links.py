"""A letter's link and QR code: where a bot is known, what they carry, and that nothing else makes one."""

import email
import email.policy
from email.message import EmailMessage

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from intake.letters import deep_links, replies
from storage.model import Application, Letter
from tests.intake.letters.test_replies import (
    NOW,
    OFFICE,
    SENDER,
    in_order,
    incoming,
    to_mend,
    turned_down,
)
from tests.intake.made import CAMPAIGN

BOT = "bozhou_shenbao_bot"


def letter(*applications: Application, bot: str = BOT) -> Letter:
    mail = incoming(*applications)
    return replies.answer(mail, applications, CAMPAIGN, now=NOW, sender=SENDER, bot=bot)


def sent(one: Letter) -> EmailMessage:
    raw = replies.as_mail(one, sender=SENDER, office=OFFICE, at=NOW).as_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def codes(mail: EmailMessage) -> dict[str, str]:
    """Return what each attached QR code says, as a telephone's camera reads it, by the picture's name."""
    found = {}
    for part in mail.iter_attachments():
        assert part.get_content_type() == "image/png"
        picture = cv2.imdecode(np.frombuffer(part.get_content(), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert picture is not None
        (code,) = zxingcpp.read_barcodes(picture)
        found[str(part.get_filename())] = code.text
    return found


def test_the_code_says_what_the_link_says_and_the_text_stays_what_is_kept() -> None:
    one = in_order()
    written = letter(one)
    address = f"https://t.me/{BOT}?start={one.token}"
    lines = written.body.splitlines()
    assert lines[lines.index(f"/start {one.token}") + 2] == address
    mail = sent(written)
    assert codes(mail) == {f"查询二维码-{one.receipt}.png": address}
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == lines


def test_each_application_of_a_mail_has_its_own() -> None:
    first, second = in_order(), to_mend()
    found = codes(sent(letter(first, second)))
    assert [address.rpartition("=")[2] for address in found.values()] == [first.token, second.token]
    assert list(found) == [f"查询二维码-{one.receipt}.png" for one in (first, second)]


def test_without_a_bot_nothing_changes() -> None:
    plain = letter(in_order(), bot="")
    assert "t.me" not in plain.body
    assert sent(plain).get_content_type() == "text/plain"


def test_who_is_turned_down_gets_none() -> None:
    assert "t.me" not in letter(turned_down()).body


def test_the_message_id_does_not_depend_on_it() -> None:
    assert letter(in_order()).message_id == letter(in_order(), bot="").message_id


@pytest.mark.parametrize(
    ("bot", "token"),
    [
        ("", "abc"),
        ("no bot", "abc"),
        ("bot/x", "abc"),
        (BOT, ""),
        (BOT, "a b"),
        (BOT, "a" * 65),
        (BOT, "a&b=c"),
    ],
)
def test_what_no_address_can_hold_gives_none(bot: str, token: str) -> None:
    assert deep_links.link(bot, token) == ""


@given(st.text(alphabet="https://t.me/bot?start=abc查询二维码-WM附件“”\n png.", max_size=200))
def test_only_the_two_lines_together_make_a_picture(text: str) -> None:
    assert all(name in text for name, _ in deep_links.pictures(text))
    assert list(deep_links.pictures(f"申报对象：{text.replace(chr(10), ' ')}（微信账号）\n")) == []
