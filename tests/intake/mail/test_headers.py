"""The ladder: every spelling of a Chinese name that real clients write comes out whole."""

import base64
import tracemalloc
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.mail.charsets import decode
from intake.mail.headers import (
    addresses,
    decode_words,
    file_name,
    from_base64,
    one_address,
    parse,
    text,
    when,
)

NAME = "申报表（阿里木·买买提）㐂𠮷.docx"
SHORT = "文明网站申报表.docx"
TRADITIONAL = "朱镕基小学申报表.docx"  # 镕 is in GBK, not in GB2312
LONG = "亳州市文明网站平台文明账号申报表" * 6 + ".docx"


def word(data: bytes, charset: str, encoding: str = "B") -> str:
    if encoding == "B":
        return f"=?{charset}?B?{base64.b64encode(data).decode()}?="
    return f"=?{charset}?Q?{''.join(f'={byte:02X}' for byte in data)}?="


def words(data: bytes, charset: str, size: int) -> str:
    pieces = [word(data[place : place + size], charset) for place in range(0, len(data), size)]
    return "\r\n ".join(pieces)


def continued(data: bytes, charset: str, size: int) -> str:
    pieces = [quote(data[place : place + size], safe="") for place in range(0, len(data), size)]
    first, *rest = pieces
    return ";\r\n ".join(
        [f"filename*0*={charset}''{first}", *(f"filename*{n}*={each}" for n, each in enumerate(rest, 1))]
    )


def attachment(disposition: bytes | str = "attachment", content: bytes | str = "application/msword") -> bytes:
    def raw(value: bytes | str) -> bytes:
        return value if isinstance(value, bytes) else value.encode()

    return b"Content-Type: " + raw(content) + b"\r\nContent-Disposition: " + raw(disposition) + b"\r\n"


def quoted(value: str) -> str:
    return f'attachment; filename="{value}"'


GB, GBK, UTF8 = NAME.encode("gb18030"), TRADITIONAL.encode("gbk"), NAME.encode()
SPELLINGS = [
    pytest.param(attachment(b'attachment; filename="' + GB + b'"'), NAME, id="raw GB18030 bytes"),
    pytest.param(attachment(b"attachment; filename=" + GBK), TRADITIONAL, id="raw GBK bytes without quotes"),
    pytest.param(attachment(b'attachment; filename="' + UTF8 + b'"'), NAME, id="raw UTF-8 bytes"),
    pytest.param(attachment(quoted(word(GBK, "gb2312"))), TRADITIONAL, id="gb2312 label over GBK characters"),
    pytest.param(attachment(quoted(word(UTF8, "gb2312"))), NAME, id="gb2312 label over UTF-8"),
    pytest.param(attachment(quoted(word(GB, "gb18030"))), NAME, id="RFC 2047 in a parameter"),
    pytest.param(attachment(quoted(word(UTF8, "utf-8", "Q"))), NAME, id="RFC 2047 with Q in a parameter"),
    pytest.param(attachment(quoted(words(UTF8, "utf-8", 13))), NAME, id="words split inside a UTF-8 character"),
    pytest.param(attachment(quoted(words(GB, "gbk", 7))), NAME, id="words split inside a GBK character"),
    pytest.param(attachment("attachment; filename*=utf-8''" + quote(NAME)), NAME, id="RFC 2231 in UTF-8"),
    pytest.param(attachment("attachment; filename*=gb2312''" + quote(GBK)), TRADITIONAL, id="RFC 2231 with gb2312"),
    pytest.param(attachment("attachment; " + continued(GB, "gb2312", 9)), NAME, id="RFC 2231 continued inside a character"),
    pytest.param(attachment("attachment; " + continued(LONG.encode(), "UTF-8", 20)), LONG, id="name over 200 bytes"),
    pytest.param(attachment(content=f'image/jpeg; name="{word(UTF8, "utf-8")}"'), NAME, id="name= only"),
    pytest.param(attachment("attachment; filename=" + word(GBK, "GB2312")), TRADITIONAL, id="encoded word without quotes"),
    pytest.param(attachment(quoted(quote(NAME))), NAME, id="percent-encoded UTF-8"),
    pytest.param(attachment(quoted(quote(GBK))), TRADITIONAL, id="percent-encoded GBK"),
    pytest.param(attachment(quoted(word(GBK, "x-unknown-zh"))), TRADITIONAL, id="unknown charset over GBK"),
    pytest.param(attachment(quoted(word(UTF8, "DEFAULT"))), NAME, id="unknown charset over UTF-8"),
    pytest.param(attachment(quoted(word(GBK, "iso-8859-1"))), TRADITIONAL, id="GBK labelled Latin-1"),
    pytest.param(
        attachment('attachment; filename*0="=?utf-8?B?' + base64.b64encode(UTF8).decode()[:12]
                   + '";\r\n filename*1="' + base64.b64encode(UTF8).decode()[12:] + '?="'),
        NAME,
        id="an encoded word continued by RFC 2231",
    ),
    pytest.param(attachment("attachment; filename=申报表 最终版.docx"), "申报表 最终版.docx", id="spaces without quotes"),
    pytest.param(attachment(quoted(r"申报\"表\".docx")), '申报"表".docx', id="quotes in the name"),
    pytest.param(attachment(quoted("a;b=c.docx") + "; size=3"), "a;b=c.docx", id="semicolon in the name"),
    pytest.param(attachment(quoted("100%达标.docx")), "100%达标.docx", id="a percent sign is no encoding"),
    pytest.param(
        attachment(quoted("?????.docx"), f'application/msword; name="{word(UTF8, "utf-8")}"'),
        NAME,
        id="filename lost its characters, name did not",
    ),
    pytest.param(attachment(quoted("")), "", id="empty name"),
    pytest.param(attachment(), "", id="no name"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "name"), SPELLINGS)
def test_every_spelling_of_a_name_comes_out_whole(block: bytes, name: str) -> None:
    assert file_name(parse(block)) == name


@pytest.mark.parametrize(
    ("data", "label", "expected"),
    [
        pytest.param("朱镕基".encode("gbk"), "gb2312", "朱镕基", id="GBK under gb2312"),
        pytest.param("㐂𠮷".encode("gb18030"), "GB2312", "㐂𠮷", id="GB18030 under gb2312"),
        pytest.param("模牡".encode("gbk"), "gb2312", "模牡", id="GBK that happens to be valid UTF-8"),
        pytest.param("模牡".encode("gbk"), None, "模牡", id="the same without a label"),
        pytest.param("申报·表".encode(), "gbk", "申报·表", id="UTF-8 under gbk"),
        pytest.param("申報表".encode("big5"), "big5", "申報表", id="Big5"),
        pytest.param("Müller".encode("latin-1"), "iso-8859-1", "Müller", id="Latin-1 that is Latin-1"),
        pytest.param("申报".encode("utf-16"), "utf-16", "申报", id="UTF-16"),
        pytest.param("申报".encode("hz"), "hz-gb-2312", "申报", id="HZ"),
        pytest.param(b"\xff\xfe", "utf-8", r"\xff\xfe", id="undecodable bytes are shown"),
        pytest.param("申报".encode() + b"\xff", "utf-8", r"申报\xff", id="only the bad byte is escaped"),
        pytest.param(b"abc", "base64", "abc", id="a codec that is no charset"),
        pytest.param("申报".encode(), "unicode_escape", "申报", id="a codec that would run escapes"),
    ],
)
def test_labels_lie(data: bytes, label: str | None, expected: str) -> None:
    assert decode(data, label) == expected


@given(
    st.binary(max_size=40),
    st.sampled_from([None, "gb2312", "utf-8", "latin-1", "x-none", "iso-2022-jp", "utf-7"]),
)
@example(b"\xff", "utf-8")
def test_no_bytes_are_too_strange(data: bytes, label: str | None) -> None:
    assert "\ufffd" not in decode(data, label) or b"\xef\xbf\xbd" in data or b"\x84\x31\xa4\x37" in data


HAN = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5) | st.sampled_from("（·）㐂𠮷"), min_size=2
)


@given(HAN, st.sampled_from(["utf-8", "gb18030", "gb2312"]), st.integers(1, 9))
def test_words_cut_anywhere_are_joined(name: str, label: str, size: int) -> None:
    data = name.encode("utf-8" if label == "utf-8" else "gb18030")
    assert decode_words(words(data, label, size)) == decode(data, label)


@given(st.binary(max_size=120))
def test_any_parameter_bytes_give_a_name_of_one_line(junk: bytes) -> None:
    name = file_name(
        parse(b"Content-Disposition: attachment; filename=" + junk.replace(b"\n", b"").replace(b"\r", b""))
    )
    assert "\n" not in name
    assert "\r" not in name


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(b"=?gb2312?B?" + base64.b64encode("申报".encode("gbk")) + b"?=", "申报", id="word"),
        pytest.param("申报".encode("gbk"), "申报", id="raw GBK"),
        pytest.param(
            b"Re: =?utf-8?Q?=E7=94=B3?= =?utf-8?Q?=E6=8A=A5?= x", "Re: 申报 x", id="words among text"
        ),
        pytest.param(
            b"=?utf-8?Q?a=0D=0ABcc:_evil@x.com?=",
            "a  Bcc: evil@x.com",
            id="an encoded line end stays in its line",
        ),
        pytest.param(
            b"=?utf-8?Q?=E2=80=AEfdp.exe?=", r"\u202efdp.exe", id="letters that turn the line are shown"
        ),
        pytest.param(b"=?utf-8?B?55Sz5oql", "=?utf-8?B?55Sz5oql", id="an unfinished word stays as it is"),
        pytest.param(b"=?utf-8*zh-CN?B?55Sz?=", "申", id="a language in the label"),
    ],
)
def test_text_of_a_field(value: bytes, expected: str) -> None:
    assert text(value) == expected


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        pytest.param("zs@Unit.GOV.cn", "zs@unit.gov.cn", "", id="bare"),
        pytest.param("<zs@unit.gov.cn>", "zs@unit.gov.cn", "", id="in brackets"),
        pytest.param("张三 <zs@unit.gov.cn>", "zs@unit.gov.cn", "张三", id="raw name"),
        pytest.param('"张三, 科长" <zs@unit.gov.cn>', "zs@unit.gov.cn", "张三, 科长", id="comma in quotes"),
        pytest.param(
            "=?utf-8?B?5byg5LiJLA==?= <zs@unit.gov.cn>", "zs@unit.gov.cn", "张三,", id="encoded comma"
        ),
        pytest.param(
            "zs@unit.gov.cn <zs@unit.gov.cn>", "zs@unit.gov.cn", "zs@unit.gov.cn", id="itself as name"
        ),
        pytest.param(
            '"zs@unit.gov.cn" <zs@unit.gov.cn>', "zs@unit.gov.cn", "zs@unit.gov.cn", id="quoted name"
        ),
        pytest.param("zs@unit.gov.cn (张三)", "zs@unit.gov.cn", "", id="comment"),
        pytest.param("alice@gov.cn <evil@x.com>", None, "alice@gov.cn", id="an address before the address"),
        pytest.param("a@gov.cn, b@gov.cn", None, "a@gov.cn, b@gov.cn", id="two"),
        pytest.param("a@gov.cn, B <b@gov.cn>", None, "a@gov.cn, B", id="two, one with a name"),
        pytest.param("A <a@gov.cn> <b@gov.cn>", None, None, id="two in brackets"),
        pytest.param("group: a@gov.cn;", None, None, id="group"),
        pytest.param("a@gov.cn\x00@x.com", None, None, id="a null byte"),
        pytest.param("张三", None, "张三", id="no address"),
        pytest.param("", None, "", id="empty"),
    ],
)
def test_exactly_one_plain_address(value: str, address: str | None, name: str | None) -> None:
    found, shown = one_address(parse(f"From: {value}".encode()), "from")
    assert found == address
    assert name is None or shown == name


def test_two_from_fields_are_no_sender() -> None:
    assert one_address(parse(b"From: a@gov.cn\r\nFrom: b@gov.cn"), "from")[0] is None


def test_addresses_of_a_field() -> None:
    value = '=?utf-8?B?5byg5LiJ?= <a@X.cn>, "b, c@no.cn" <b@x.cn>; d@x.cn'
    assert set(addresses(value.encode())) == {"a@x.cn", "b@x.cn", "d@x.cn"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            "Fri, 3 Jun 2022 23:59:59 +0800 (CST)", "2022-06-03T23:59:59+08:00", id="zone and comment"
        ),
        pytest.param("Fri, 3 Jun 2022 23:59:59 CST", "2022-06-03T23:59:59+08:00", id="CST is China's"),
        pytest.param("Fri, 3 Jun 2022 23:59:59", "2022-06-03T23:59:59+08:00", id="no zone"),
        pytest.param("Fri, 3 Jun 2022 15:59:59 GMT", "2022-06-03T15:59:59+00:00", id="GMT"),
        pytest.param("Fri, 3 Jun 2022 15:59:59 -0000", "2022-06-03T15:59:59+00:00", id="-0000"),
        pytest.param("3 Jun 2022 15:59:59 +0000", "2022-06-03T15:59:59+00:00", id="no weekday"),
    ],
)
def test_moments(value: str, expected: str) -> None:
    moment = when(value)
    assert moment is not None
    assert moment.isoformat() == expected


@pytest.mark.parametrize("value", ["", "yesterday", "Fri, 99 Jun 2022 23:59:59 +0800"])
def test_no_moment(value: str) -> None:
    assert when(value) is None


def test_base64_is_decoded_without_a_copy_of_it() -> None:
    data = base64.encodebytes(bytes(range(256)) * 32_768)
    tracemalloc.start()
    decoded = from_base64(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert decoded == bytes(range(256)) * 32_768
    assert peak < 1.6 * len(decoded)
