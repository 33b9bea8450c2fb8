"""Copies of a mail without a Message-ID: what servers add makes no other mail, what the sender wrote does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.mail.sameness import essence

MAIL = (
    b"Date: Mon, 30 May 2022 09:00:01 +0800\r\nFrom: <a@unit.example.cn>\r\nTo: <bzscbk@163.com>\r\n"
    b"Subject: =?gb2312?B?yeqxqA==?=\r\nContent-Type: text/plain; charset=gb2312\r\n\r\n\xc9\xea\xb1\xa8\r\n"
)


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(b"Return-Path: <a@unit.example.cn>\r\n" + MAIL, id="the listener's"),
        pytest.param(
            b"Received: from a by b;\r\n\tMon, 30 May 2022 09:00:03 +0800\r\n" + MAIL, id="a server's"
        ),
        pytest.param(MAIL.replace(b"Subject", b"X-Spam-Score: 0\r\nSubject"), id="a filter's"),
        pytest.param(b"Message-ID: <added@server.example.cn>\r\n" + MAIL, id="a server that names it"),
        pytest.param(MAIL.replace(b"\r\n", b"\n"), id="bare line feeds"),
        pytest.param(MAIL.replace(b"; charset", b";\r\n\tcharset"), id="folded anew"),
        pytest.param(MAIL + b"\r\n", id="a line end more"),
    ],
)
def test_it_is_the_same_mail(copy: bytes) -> None:
    assert essence(copy) == essence(MAIL) is not None


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(MAIL.replace(b"09:00:01", b"09:00:02"), id="a second later"),
        pytest.param(MAIL.replace(b"a@unit", b"b@unit"), id="another sender"),
        pytest.param(MAIL.replace(b"\xb1\xa8", b"\xc7\xeb"), id="another word"),
        pytest.param(MAIL.replace(b"bzscbk@", b"other@"), id="to somebody else"),
        pytest.param(MAIL.replace(b"yeqxqA", b"yeqxqB"), id="another subject"),
        pytest.param(MAIL.replace(b"gb2312\r\n\r\n", b"gbk\r\n\r\n"), id="another charset"),
    ],
)
def test_it_is_another_mail(other: bytes) -> None:
    assert other != MAIL
    assert essence(other) != essence(MAIL)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(MAIL.replace(b"Date:", b"X-Date:"), id="no date"),
        pytest.param(MAIL.replace(b"30 May 2022", b"one of these days"), id="a date that is none"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_nobody_can_say(raw: bytes) -> None:
    assert essence(raw) is None


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_different_bodies_are_never_one_mail(one: bytes, other: bytes) -> None:
    head = MAIL.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    ends = (body.replace(b"\r\n", b"\n").strip(b"\r\n") for body in (one, other))
    first, second = ends
    assert (essence(head + b"-" + one) == essence(head + b"-" + other)) is False or first == second
