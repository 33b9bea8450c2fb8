"""A session with an IMAP server: connected, logged in, introduced, its trouble named in Chinese.

The one place that knows imap-tools. 163, 126 and yeah.net refuse SELECT until the client has sent
ID (RFC 2971), so it goes before the first SELECT of every session.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError, UnexpectedCommandStatusError

from intake.mail.charsets import decode
from storage.model import Noun

NETEASE = re.compile(r"(?i)(?:^|\.)(?:163|126|yeah|188|netease|vip\.163|vip\.126)\.(?:com|net)$")
ID_ARGUMENT = '("name" "shenbao" "version" "1" "vendor" "shenbao")'
imaplib.Commands.setdefault("ID", ("NONAUTH", "AUTH", "SELECTED"))

Refusal = Literal["bad-code", "imap-off", "unsafe-login", "too-many", "needs-tls", "no-folder", "refused"]
REFUSALS: tuple[tuple[Refusal, re.Pattern[str]], ...] = (
    ("unsafe-login", re.compile(r"(?i)unsafe login|kefu@188")),
    ("too-many", re.compile(r"(?i)too many|frequen(?!cy limited, or system)|频繁|次数过多|try again later|rate limit")),
    ("imap-off", re.compile(r"(?i)not (?:open|enabled|activ)\w*(?!.*password)|disabled|未(?:开启|开通)|imap4? (?:service )?is off")),
    ("needs-tls", re.compile(r"(?i)privacyrequired|plaintext|starttls|ssl required|encryption")),
    ("bad-code", re.compile(r"(?i)password|authenticat|auth|credential|login (?:fail|error)|授权码|密码|用户名|reqcode|passerr")),
)  # fmt: skip
MESSAGES: dict[Refusal, str] = {
    "bad-code": "邮箱拒绝登录：账号或授权码不对。163、QQ 等邮箱要用网页设置里生成的授权码，不是登录密码。",
    "imap-off": "邮箱拒绝登录：IMAP 服务没有开启。请在网页邮箱的设置里开启 IMAP/SMTP 服务。",
    "unsafe-login": "邮箱认为登录不安全（Unsafe Login）。请在网页邮箱里确认本次登录，或联系邮箱客服放行。",
    "too-many": "邮箱拒绝登录：登录过于频繁。请稍等一段时间，程序会放慢后自动再试。",
    "needs-tls": "邮箱拒绝登录：服务器要求加密连接。请把 [mailbox] tls 设为 tls 或 starttls。",
    "no-folder": "邮箱里没有这个文件夹，或不能打开。请检查 [mailbox] folder。",
    "refused": "邮箱拒绝了登录。",
}


class MailboxError(Exception):
    """The mailbox cannot be used now; the text says why, in Chinese, for staff."""


class MailboxRefused(MailboxError):
    """The server answered and said no; `kind` is a key of `MESSAGES`."""

    def __init__(self, kind: Refusal, told: str = "") -> None:
        super().__init__(MESSAGES[kind] + (f"（服务器说：{told[:200]}）" if told else ""))
        self.kind = kind


class MailboxUnreachable(MailboxError):
    """The server cannot be reached, or the connection broke."""


class Safety(Noun, frozen=True, kw_only=True):
    """How a connection is protected; without `ca_file` the system's authorities are trusted.

    `seconds` is how long any one answer of the server is waited for.
    """

    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str | None = None
    seconds: float = 60


@contextmanager
def session(host: str, port: int, login: tuple[str, str], safety: Safety) -> Iterator[BaseMailBox]:
    """Yield a session that may SELECT; raise `MailboxRefused` or `MailboxUnreachable`."""
    with translated(host):
        box = _connected(host, port, safety)
    try:
        with translated(host):
            _introduce(box, host, *login)
        yield box
        with suppress(ImapToolsError, imaplib.IMAP4.error, OSError):
            box.logout()
    finally:
        with suppress(OSError):
            box.client.shutdown()


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Raise what IMAP and the network say as one of the two errors of a mailbox."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        told = f"{host} 的证书不可信（{error.verify_message}）。自建服务器请设 ca_file。"
        raise MailboxUnreachable(told) from error
    except TimeoutError as error:
        raise MailboxUnreachable(f"{host} 没有及时回应，连接已断开。") from error
    except OSError as error:
        raise MailboxUnreachable(f"连不上 {host}：{error.strerror or error}。") from error
    except UnexpectedCommandStatusError as error:
        raise _refused(error) from error
    except imaplib.IMAP4.abort as error:
        raise MailboxUnreachable(f"与 {host} 的连接中断：{_told(error)}。") from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise MailboxUnreachable(f"{host} 的回答无法理解：{_told(error)}。") from error


def able(box: BaseMailBox) -> frozenset[str]:
    """Return what the server offers now, after login; imap-tools remembers what it offered before."""
    _, told = box.client.capability()
    words = b" ".join(line for line in told if isinstance(line, bytes))
    return frozenset(words.decode("ascii", "replace").upper().split())


def select(box: BaseMailBox, folder: str, *, readonly: bool) -> int:
    """Open `folder` and return its UIDVALIDITY; read-only, nothing in it can be changed."""
    try:
        box.folder.set(folder, readonly)
    except UnexpectedCommandStatusError as error:
        refused = _refused(error)
        raise refused if refused.kind == "unsafe-login" else MailboxRefused("no-folder", folder) from error
    _, told = box.client.response("UIDVALIDITY")
    if not told or told[0] is None:
        raise imaplib.IMAP4.error("no UIDVALIDITY")
    return int(told[0])


def _connected(host: str, port: int, safety: Safety) -> BaseMailBox:
    if safety.tls == "none":
        return MailBoxUnencrypted(host, port, safety.seconds)
    context = ssl.create_default_context(cafile=safety.ca_file)
    if safety.tls == "starttls":
        return MailBoxStartTls(host, port, safety.seconds, context)
    return MailBox(host, port, safety.seconds, ssl_context=context)


def _introduce(box: BaseMailBox, host: str, user: str, password: str) -> None:
    if re.search(r"[\r\n\x00]", user + password):
        raise MailboxRefused("bad-code", "账号或授权码里有换行")
    if (user + password).isascii():
        box.login(user, password, initial_folder=None)
    else:
        box.login_utf8(user, password, initial_folder=None)
    # QQ may drop a connection on a command it does not offer.
    if "ID" in able(box) or NETEASE.search(host) or NETEASE.search(user.rpartition("@")[2]):
        box.client.xatom("ID", ID_ARGUMENT)


def _refused(error: UnexpectedCommandStatusError) -> MailboxRefused:
    _, told = error.command_result
    text = decode(b" ".join(part for part in told if isinstance(part, bytes)))
    kind = next((kind for kind, pattern in REFUSALS if pattern.search(text)), None)
    return MailboxRefused(kind or ("bad-code" if isinstance(error, MailboxLoginError) else "refused"), text)


def _told(error: Exception) -> str:
    return str(error)[:200]
