"""Handing one mail to an SMTP server (RFC 5321), knowing afterwards whether the server has it.

Only one moment is uncertain: all of the mail has been sent and no answer came. Anything earlier is surely
not taken, any answer is believed.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

from msgspec.structs import replace

from intake.doors.session import Safety
from intake.mail.charsets import decode
from storage.model import Noun

TIMEOUT_SECONDS = 60.0
SPAM = re.compile(rb"(?i)DT:SPM")
FROM_SERVER = 300  # characters of the server's words that are kept


class SendingError(Exception):
    """No mail can be handed over now; the text says why, in Chinese, for staff."""


class Fate(StrEnum):
    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


class Verdict(Noun, frozen=True, kw_only=True):
    """What became of one mail, in the server's words; `broken` says that no other should follow now.

    `spam` says that the server took it for spam: one more such mail may cost the whole account.
    """

    fate: Fate
    told: str = ""
    broken: bool = False
    spam: bool = False


@contextmanager
def connected(host: str, port: int, login: tuple[str, str], safety: Safety) -> Iterator[smtplib.SMTP]:
    """Yield a connection that may send; raise `SendingError` where there is none to be had."""
    try:
        client = _open(host, port, login, safety)
    except ssl.SSLCertVerificationError as error:
        told = f"{host} 的证书不可信（{error.verify_message}）。自建服务器请设 ca_file。"
        raise SendingError(told) from error
    except smtplib.SMTPAuthenticationError as error:
        told = f"发信服务器拒绝登录：账号或授权码不对（{_words(error.smtp_code, error.smtp_error)}）。"
        raise SendingError(told) from error
    except smtplib.SMTPResponseException as error:
        raise SendingError(f"发信服务器拒绝：{_words(error.smtp_code, error.smtp_error)}。") from error
    except smtplib.SMTPException as error:
        raise SendingError(f"{host} 不能这样发信：{str(error)[:FROM_SERVER]}。") from error
    except OSError as error:
        raise SendingError(f"连不上发信服务器 {host}：{error.strerror or error}。") from error
    try:
        yield client
    finally:
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
        client.close()


def hand_over(client: smtplib.SMTP, sender: str, recipient: str, raw: bytes) -> Verdict:
    """Give one mail to the server for one recipient, and say what became of it."""
    with suppress(OSError, smtplib.SMTPException):
        return _said(client, sender, recipient) or _given(client, raw)
    return Verdict(fate=Fate.LATER, told="连接在发送前中断", broken=True)


def _open(host: str, port: int, login: tuple[str, str], safety: Safety) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=safety.ca_file)
    if safety.tls == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        client = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if safety.tls == "starttls":
            client.starttls(context=context)
        client.ehlo_or_helo_if_needed()
        if login[0]:
            client.login(*login)
    except BaseException:
        client.close()
        raise
    return client


def _said(client: smtplib.SMTP, sender: str, recipient: str) -> Verdict | None:
    """Name sender, recipient and the start of the mail; None when the server wants the mail now."""
    code, told = client.mail(sender)
    if code != 250:
        # What it says to our address it would say to every mail: it is no fault of this one.
        verdict = _answer(client, code, told)
        return verdict if verdict.spam else replace(verdict, fate=Fate.LATER, broken=True)
    code, told = client.rcpt(recipient)
    if code not in (250, 251):
        return _answer(client, code, told)
    code, told = client.docmd("DATA")
    return None if code == 354 else _answer(client, code, told)


def _given(client: smtplib.SMTP, raw: bytes) -> Verdict:
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    # The dot that ends the mail goes out last, so a failure in `send` means the server has no whole mail.
    client.send(lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    try:
        code, told = client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Verdict(fate=Fate.UNCERTAIN, told=f"发出后没有等到回音（{error}）", broken=True)
    return _answer(client, code, told)


def _answer(client: smtplib.SMTP, code: int, told: bytes) -> Verdict:
    words = _words(code, told)
    if 200 <= code < 300:
        return Verdict(fate=Fate.SENT, told=words)
    spam = code == 554 and SPAM.search(told) is not None
    if code != 421:
        with suppress(OSError, smtplib.SMTPException):
            client.rset()
    fate = Fate.REFUSED if code >= 500 else Fate.LATER
    return Verdict(fate=fate, told=words, broken=spam or code == 421, spam=spam)


def _words(code: int, told: bytes | str) -> str:
    text = decode(told) if isinstance(told, bytes) else told
    return f"{code} {text}"[:FROM_SERVER]
