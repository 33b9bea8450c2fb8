"""What a well-formed mail holds is what Python's own `email` finds in it, for any mail that `email` writes."""

import base64
import binascii
import email
import email.policy
from email.headerregistry import Address
from email.message import EmailMessage, Message

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.mail.headers import NOT_BASE64, from_base64
from intake.mail.mime import Part, head, leaves

LETTERS = st.characters(
    codec="utf-8", categories=("L", "N", "P", "Zs"), include_characters="（·㐂𠮷", exclude_characters="\xa0"
)
# `email` itself folds inner spaces of a header, and takes "=?" and a leading quote of a name for its own.
WORDS = (
    st.text(LETTERS, min_size=1, max_size=60)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and not set(text) & set("\"\\=?%'*") and text[-1] not in ".,;")
)
FILES = st.tuples(WORDS, st.binary(max_size=400), st.sampled_from(("base64", "quoted-printable", "8bit")))
TEXTS = st.tuples(
    st.text(LETTERS | st.just("\n"), max_size=300),
    st.sampled_from(("utf-8", "gb18030")),
    st.sampled_from(("base64", "quoted-printable", "8bit")),
)


@st.composite
def mails(draw: st.DrawFn) -> EmailMessage:
    """A mail as `email` writes one: text, HTML beside it or not, files, a mail forwarded as one of them."""
    mail = EmailMessage(policy=email.policy.SMTP.clone(utf8=False))
    mail["Subject"] = draw(WORDS)
    mail["From"] = Address(draw(WORDS), "unit", "bz.example.cn")
    text, charset, encoding = draw(TEXTS)
    mail.set_content(text, charset=charset, cte=encoding)
    if draw(st.booleans()):
        mail.add_alternative(f"<p>{text}</p>", subtype="html", charset=charset, cte=encoding)
    for name, data, encoded in draw(st.lists(FILES, max_size=3)):
        mail.add_attachment(data, "application", "octet-stream", filename=name, cte=encoded)
    if draw(st.booleans()):
        inner = EmailMessage(policy=email.policy.SMTP)
        inner["Subject"] = draw(WORDS)
        inner.set_content(draw(TEXTS)[0])
        mail.add_attachment(inner)
    return mail


def theirs(raw: bytes) -> list[tuple[str, bytes]]:
    """Return type and content of each leaf; a forwarded mail is one, as it is to us."""
    found: list[tuple[str, bytes]] = []
    waiting: list[Message] = [email.message_from_bytes(raw, policy=email.policy.compat32)]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_maintype() == "multipart":
            waiting = [*_inside(part), *waiting]
        elif part.get_content_type() == "message/rfc822":
            found.append(("message/rfc822", _inside(part)[0].as_bytes(policy=email.policy.SMTP)))
        else:
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            found.append((part.get_content_type(), data))
    return found


def _inside(part: Message) -> list[Message]:
    inside = part.get_payload()
    assert isinstance(inside, list)
    return [one for one in inside if isinstance(one, Message)]


def ours(part: Part) -> tuple[str, bytes]:
    return part.type, part.data()


@settings(max_examples=200, deadline=None)
@given(mail=mails())
def test_parts_are_those_the_standard_library_finds(mail: EmailMessage) -> None:
    raw = mail.as_bytes()
    assert [ours(part) for part in leaves(raw)] == theirs(raw)


@settings(max_examples=200, deadline=None)
@given(mail=mails())
def test_headers_and_names_are_those_that_were_written(mail: EmailMessage) -> None:
    raw = mail.as_bytes()
    assert head(raw).text("subject") == mail["Subject"]
    names = [part.get_filename() for part in mail.iter_attachments() if part.get_filename()]
    assert [part.name for part in leaves(raw) if part.name] == names


@settings(max_examples=300)
@given(
    data=st.binary(max_size=300),
    width=st.integers(min_value=1, max_value=100),
    ends=st.sampled_from((b"\r\n", b"\n", b"\r", b" \n", b"\n\n")),
    around=st.tuples(st.binary(max_size=9), st.binary(max_size=9)),
)
def test_base64_over_any_lines_comes_out_whole(
    data: bytes, width: int, ends: bytes, around: tuple[bytes, bytes]
) -> None:
    encoded = base64.b64encode(data)
    lines = ends.join(encoded[place : place + width] for place in range(0, len(encoded), width)) + ends
    before, after = around
    assert from_base64(before + lines + after, len(before), len(before) + len(lines)) == data


@settings(max_examples=500)
@given(
    letters=st.lists(
        st.sampled_from([b"QUJD", b"A", b"z9", b"+/", b"=", b"==", b"\r\n", b" ", b"-", b"\xe9"])
    )
)
def test_broken_base64_is_decoded_piece_by_piece(letters: list[bytes]) -> None:
    """The quick way and the patient one agree: stray bytes are passed over, each padded piece counts."""
    data = b"".join(letters)
    expected = b""
    for piece in data.translate(None, NOT_BASE64).split(b"="):
        whole = piece[:-1] if len(piece) % 4 == 1 else piece
        expected += binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
    assert from_base64(data) == expected
