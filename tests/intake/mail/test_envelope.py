"""A whole mail: sender, words, files, robots, and what is no mail at all."""

import base64
import contextlib
import time
from email.message import EmailMessage
from email.mime.image import MIMEImage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.mail.envelope import Mail, NotMail, read, received_at
from storage.model import Clock

HEAD = b"From: zs@unit.gov.cn\r\nTo: bzscbk@163.com\r\nMessage-ID: <1@unit.gov.cn>\r\n"


def mixed(*parts: bytes, boundary: bytes = b"X") -> bytes:
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary="
        + boundary
        + b"\r\n\r\n"
        + body
        + b"--"
        + boundary
        + b"--\r\n"
    )


def file_part(name: str, data: bytes = b"data") -> bytes:
    head = (
        f'Content-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    return head.encode() + base64.b64encode(data)


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in (
        {"From": "张三 <zs@unit.gov.cn>", "To": "bzscbk@163.com", "Subject": "申报"} | headers
    ).items():
        made[name.replace("_", "-")] = value
    return made


def test_an_ordinary_mail() -> None:
    made = message(
        Message_ID="<1@unit.gov.cn>", In_Reply_To="<0@a>", References="<x@a> <0@a>", Reply_To="B <b@Unit.gov.cn>",
        Date="Mon, 23 May 2022 10:00:00 +0800",
    )  # fmt: skip
    made.set_content("您好，现报送申报表。")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="申报表.pdf")
    mail = read(made.as_bytes())
    assert (mail.sender, mail.sender_name, mail.subject) == ("zs@unit.gov.cn", "张三", "申报")
    assert (mail.message_id, mail.in_reply_to, mail.references) == (
        "<1@unit.gov.cn>",
        ("<0@a>",),
        ("<x@a>", "<0@a>"),
    )
    assert (mail.reply_to, mail.recipients, mail.robot) == ("b@unit.gov.cn", ("bzscbk@163.com",), None)
    assert mail.date is not None
    assert mail.text == "您好，现报送申报表。"
    assert [(each.name, each.data, each.inline) for each in mail.attachments] == [
        ("申报表.pdf", b"%PDF", False)
    ]


@pytest.mark.parametrize(
    ("charset", "label"),
    [("utf-8", "utf-8"), ("gbk", "gb2312"), ("gb18030", "gb18030"), ("utf-8", "gb2312"), ("gbk", "x-none")],
)
def test_the_body_in_any_charset(charset: str, label: str) -> None:
    raw = (
        HEAD
        + f"Content-Type: text/plain; charset={label}\r\n\r\n".encode()
        + "朱镕基小学·申报".encode(charset)
    )
    assert read(raw).text == "朱镕基小学·申报"


def test_a_body_without_any_label() -> None:
    assert read(HEAD + b"\r\n" + "申报网站".encode("gbk")).text == "申报网站"


def test_html_says_its_charset_itself() -> None:
    html = "<html><meta charset=big5><p>申報網站</p></html>".encode("big5")
    assert read(HEAD + b"Content-Type: text/html\r\n\r\n" + html).text == "申報網站"


def alternative(plain: str, html: str) -> Mail:
    made = message()
    made.set_content(plain)
    made.add_alternative(html, subtype="html")
    return read(made.as_bytes())


def test_plain_text_is_preferred_unless_it_is_empty_or_flattens_a_table() -> None:
    assert alternative("您好", "<p>您好！</p>").text == "您好"
    assert alternative(" \n", "<p>您好！</p>").text == "您好！"
    assert alternative("名称亳州在线", "<table><tr><td>名称<td>亳州在线</table>").text == "名称\t亳州在线"


def test_a_reply_keeps_its_quoted_part_apart() -> None:
    made = message()
    made.set_content("撤回\n\n------------------ 原始邮件 ------------------\n发件人: a\n查询")
    mail = read(made.as_bytes())
    assert mail.text == "撤回"
    assert "查询" in mail.quoted


def picture(content_id: str | None, disposition: str) -> MIMEImage:
    made = MIMEImage(b"\x89PNG\r\n", "png")
    if content_id:
        made["Content-ID"] = f"<{content_id}>"
    made.add_header("Content-Disposition", disposition, filename="图.png")
    return made


@pytest.mark.parametrize(
    ("html", "content_id", "disposition", "kind", "inline"),
    [
        pytest.param('<img src="cid:logo@1">', "logo@1", "inline", "related", True, id="shown in the text"),
        pytest.param(
            '<img src="cid:logo@1">', "logo@1", "attachment", "mixed", True, id="shown, though attached"
        ),
        pytest.param("<p>图</p>", "logo@1", "inline", "related", True, id="inline in multipart/related"),
        pytest.param("<p>图</p>", "logo@1", "attachment", "mixed", False, id="an id that nothing shows"),
        pytest.param("<p>图</p>", None, "inline", "mixed", False, id="inline as phones attach photographs"),
    ],
)
def test_pictures_of_a_signature(
    html: str, content_id: str | None, disposition: str, kind: str, inline: bool
) -> None:
    made = MIMEMultipart(kind)
    made["From"] = "zs@unit.gov.cn"
    made.attach(MIMEText(html, "html", "utf-8"))
    made.attach(picture(content_id, disposition))
    assert [each.inline for each in read(made.as_bytes()).attachments] == [inline]


def test_a_forwarded_mail_opens_like_a_folder() -> None:
    inner = message(Subject="谯城区：申报")
    inner.set_content("内层正文")
    inner.add_attachment(b"form", maintype="application", subtype="msword", filename="申报表.doc")
    middle = MIMEMultipart()
    middle["From"], middle["Subject"] = "b@x.cn", "转发/材料"
    middle.attach(MIMEMessage(inner))
    outer = MIMEMultipart()
    outer["From"] = "zs@unit.gov.cn"
    outer.attach(MIMEText("请查收", "plain", "utf-8"))
    outer.attach(MIMEMessage(middle))
    mail = read(outer.as_bytes())
    assert [each.name for each in mail.attachments] == ["转发_材料.eml/谯城区：申报.eml/申报表.doc"]
    assert [each.name for each in mail.containers] == ["转发_材料.eml", "转发_材料.eml/谯城区：申报.eml"]
    assert (mail.text, mail.sender) == ("请查收", "zs@unit.gov.cn")
    assert "内层正文" in mail.quoted


def test_an_eml_file_attached_as_bytes_opens_too() -> None:
    inner = message()
    inner.set_content("x")
    inner.add_attachment(b"form", maintype="application", subtype="msword", filename="申报表.doc")
    mail = read(mixed(file_part("原邮件.EML", inner.as_bytes())))
    assert [each.name for each in mail.attachments] == ["原邮件.eml/申报表.doc"]


def test_mails_nested_beyond_the_depth_stay_files() -> None:
    made = message(Subject="0")
    made.set_content("x")
    for depth in range(1, 9):
        outer = MIMEMultipart()
        outer["From"], outer["Subject"] = "zs@unit.gov.cn", str(depth)
        outer.attach(MIMEMessage(made))
        made = outer  # type: ignore[assignment]  # both are messages
    names = [each.name for each in read(made.as_bytes()).attachments]
    assert len(names) == 1
    assert names[0].count("/") == 5


@pytest.mark.parametrize(
    ("head", "data", "name"),
    [
        pytest.param("application/pdf", b"%PDF", "附件1.pdf", id="by its type"),
        pytest.param("application/octet-stream", b"\xff\xd8\xff", "附件1.jpg", id="by its bytes"),
        pytest.param(
            "application/octet-stream",
            b"PK\x03\x04 word/document.xml",
            "附件1.docx",
            id="a docx by its bytes",
        ),
        pytest.param("application/octet-stream", b"?", "附件1.bin", id="by nothing"),
        pytest.param('application/pdf; name="../../etc/x.pdf"', b"", ".._.._etc_x.pdf", id="a path"),
        pytest.param('application/pdf; name="C:\\docs\\申报表.pdf"', b"", "申报表.pdf", id="a Windows path"),
        pytest.param(
            'application/pdf; name="=?utf-8?Q?a=FFb.pdf?="',
            b"",
            "a%ffb.pdf",
            id="undecodable bytes are shown",
        ),
        pytest.param('application/pdf; name=".."', b"", "附件1.pdf", id="dots"),
    ],
)
def test_names_are_safe_and_never_empty(head: str, data: bytes, name: str) -> None:
    part = f"Content-Type: {head}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + base64.b64encode(
        data
    )
    assert [each.name for each in read(mixed(part)).attachments] == [name]


@pytest.mark.parametrize(
    ("encoding", "content", "data"),
    [
        pytest.param("base64", b"YW\r\nJj\r\n", b"abc", id="base64 over lines"),
        pytest.param("BASE64", b"YQ==\r\nYg==\r\n", b"ab", id="padded in the middle"),
        pytest.param("base64", b"YWJjZ", b"abc", id="cut off"),
        pytest.param("base64", b"YWJj\x00!YWJj", b"abcabc", id="with rubbish"),
        pytest.param("quoted-printable", b"a=3D=\r\nb", b"a=b", id="quoted-printable"),
        pytest.param("8bit", b"\xff\x00a", b"\xff\x00a", id="8bit"),
        pytest.param("x-none", b"abc", b"abc", id="unknown"),
    ],
)
def test_transfer_encodings(encoding: str, content: bytes, data: bytes) -> None:
    part = (
        f"Content-Type: application/x-y\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content
    )
    assert [each.data for each in read(mixed(part)).attachments] == [data]


def test_a_mail_cut_off_in_the_middle_keeps_what_came() -> None:
    whole = mixed(file_part("甲.doc", b"abcdef"), file_part("乙.doc", b"abcdef"))
    names = [each.name for each in read(whole[:-20]).attachments]
    assert names == ["甲.doc", "乙.doc"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \r\n\n", "empty", id="blank"),
        pytest.param(b"\xff\xd8\xff\xe0 JFIF", "no-header", id="a picture"),
        pytest.param("您好：申报".encode(), "no-header", id="a text"),
        pytest.param(b"Return-Path: <a@b.cn>\r\n\xff\xd8\xff\xe0 JFIF", "no-header", id="a picture by SMTP"),
        pytest.param(b"note: x\r\n\r\nbody", "no-header", id="a text that looks like a header"),
        pytest.param(
            mixed(*[file_part(f"{n}.doc") for n in range(101)]), "too-many-attachments", id="101 files"
        ),
        pytest.param(mixed(*[b"\r\nx"] * 600), "too-many-parts", id="600 parts"),
        pytest.param(HEAD + b"\r\n" + bytes(71 * 1024 * 1024), "too-large", id="71 MB"),
    ],
)
def test_what_is_no_mail(raw: bytes, reason: str) -> None:
    with pytest.raises(NotMail) as caught:
        read(raw)
    assert caught.value.reason == reason


def test_a_hundred_files_are_still_a_mail() -> None:
    assert len(read(mixed(*[file_part(f"{n}.doc") for n in range(100)])).attachments) == 100


def nested(depth: int) -> bytes:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(depth)
    )
    return HEAD + opening + b"\r\nx"


@pytest.mark.parametrize("depth", [21, 1000, 50000])
def test_deep_nesting_is_refused_quickly(depth: int) -> None:
    started = time.monotonic()
    with pytest.raises(NotMail) as caught:
        read(nested(depth))
    assert caught.value.reason == "too-deep"
    assert time.monotonic() - started < 5


def test_nesting_within_the_budget_is_read() -> None:
    assert read(nested(20)).text == "x"


def test_mails_in_mails_share_one_budget() -> None:
    inner = mixed(*[b"\r\nx"] * 400, boundary=b"Y")
    started = time.monotonic()
    with pytest.raises(NotMail):
        read(mixed(*[file_part(f"{n}.eml", inner) for n in range(90)]))
    assert time.monotonic() - started < 5


@given(st.binary(max_size=300))
def test_any_bytes_are_a_mail_or_are_not(junk: bytes) -> None:
    assert isinstance(read(HEAD + junk), Mail)


@given(st.lists(st.sampled_from([b"--X\r\n", b"--X--\r\n", b"\r\n", HEAD, b"Content-Type: multipart/mixed; boundary=X\r\n",
                                 b"Content-Type: message/rfc822\r\n", b"x\r\n", b"\xd6\xec\xff", b"=?gbk?B?"])))  # fmt: skip
def test_any_order_of_pieces_is_a_mail(pieces: list[bytes]) -> None:
    with contextlib.suppress(NotMail):
        assert isinstance(read(HEAD + b"".join(pieces)), Mail)


RECEIVED = "Received: from a by b; Fri, 3 Jun 2022 23:59:59 +0800\r\nReceived: from c by a; Fri, 3 Jun 2022 20:00:00 +0800\r\n"


@pytest.mark.parametrize(
    ("head", "hour", "clock"),
    [
        pytest.param(
            RECEIVED + "Date: Fri, 3 Jun 2022 10:00:00 +0800\r\n", 23, Clock.RECEIVED, id="topmost Received"
        ),
        pytest.param(
            "Received: by b\r\nDate: Fri, 3 Jun 2022 10:00:00 +0800\r\n", 10, Clock.DATE, id="no time in it"
        ),
        pytest.param(
            "Received: from a (x; y) by b\r\n (z);\r\n Fri, 3 Jun 2022 9:00:00 +0800\r\n",
            9,
            Clock.RECEIVED,
            id="folded",
        ),
    ],
)
def test_the_time_of_a_filed_mail(head: str, hour: int, clock: Clock) -> None:
    found = received_at(head.encode() + HEAD + b"\r\nDate: Mon, 1 Jan 2001 00:00:00 +0800")
    assert found is not None
    assert (found[0].hour, found[1]) == (hour, clock)


@pytest.mark.parametrize("raw", [HEAD + b"\r\nx", b"", b"Date: never\r\nFrom: a@b.c\r\n\r\n"])
def test_no_time_at_all(raw: bytes) -> None:
    assert received_at(raw) is None
