"""Real servers for tests, on free loopback ports: an SMTP sink, mail-devel, Dovecot, and 163's manners."""

import asyncio
import datetime as dt
import grp
import imaplib
import ipaddress
import os
import pwd
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import SEARCHED

HOST = "127.0.0.1"
USER = "bzscbk@163.com"
PASSWORD = "authorisation-code"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 60) -> None:
    """Return once something greets on `port`; raise TimeoutError otherwise."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


class Authority(NamedTuple):
    """A certificate authority of ours, and the certificate and key it gave to localhost."""

    ca: Path
    certificate: Path
    key: Path


def authority(folder: Path) -> Authority:
    """Make an authority in `folder` and a certificate for localhost and 127.0.0.1."""
    ca_key, ca = _certificate("shenbao test authority", None, None)
    key, certificate = _certificate("localhost", ca_key, ca)
    made = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    made.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return made


def _certificate(
    name: str, issuer_key: ec.EllipticCurvePrivateKey | None, issuer: x509.Certificate | None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signer = issuer_key or key
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issuer is None,
        crl_sign=issuer is None,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=7))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(usage, critical=True)
    )
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]
    )
    if issuer is not None:
        builder = builder.add_extension(names, critical=False)
    return key, builder.sign(signer, hashes.SHA256())


class Caught(NamedTuple):
    """A mail the sink took."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class Sink:
    """What the sink took, and what it shall answer next: a status for a command, or `cut` to hang up."""

    def __init__(self) -> None:
        self.mails: list[Caught] = []
        self.answers: dict[str, list[str]] = {}
        self.greetings = 0
        self.port = 0

    def next(self, command: str) -> str | None:
        waiting = self.answers.get(command, [])
        return waiting.pop(0) if waiting else None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greetings += 1
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.next("MAIL")
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.next("RCPT")
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.next("DATA")
        if answer is None or answer == "cut after keeping":
            raw = envelope.original_content or b""
            self.mails.append(Caught(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        if answer and answer.startswith("cut") and server.transport is not None:
            server.transport.close()
            await asyncio.sleep(1)
        return answer or "250 OK"


@contextmanager
def smtp_sink(tls: Authority | None = None, mode: str = "none", *, login: bool = False) -> Iterator[Sink]:
    """Run an SMTP server that keeps what it gets; `mode` is none, starttls or tls."""
    sink = Sink()
    options: dict[str, Any] = {}
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls.certificate, tls.key)
        options = (
            {"ssl_context": context} if mode == "tls" else {"tls_context": context, "require_starttls": True}
        )
    if login:
        options |= {
            "authenticator": _authenticated,
            "auth_required": True,
            "auth_require_tls": mode == "starttls",
        }
    port = free_port()
    controller = Controller(sink, hostname=HOST, port=port, server_hostname="sink", **options)
    controller.start()
    sink.port = port
    try:
        yield sink
    finally:
        controller.stop()


def _authenticated(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
) -> AuthResult:
    good = data.login == USER.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=False)


class Mailbox(NamedTuple):
    """Where a test mail server listens; `smtp` and `imaps` are None where it has none, `folder` its files."""

    imap: int
    smtp: int | None = None
    imaps: int | None = None
    folder: Path = Path()

    def append(self, *raws: bytes, at: dt.datetime | None = None, user: str = USER) -> None:
        """Put mails into the box as another client would, received `at`."""
        moment = imaplib.Time2Internaldate(at) if at else ""
        with imaplib.IMAP4(HOST, self.imap) as client:
            client.login(user, PASSWORD)
            for raw in raws:
                status, told = client.append("INBOX", "", moment, raw)
                assert status == "OK", told

    def flags(self) -> list[bytes]:
        with imaplib.IMAP4(HOST, self.imap) as client:
            client.login(USER, PASSWORD)
            client.select("INBOX", readonly=True)
            return [line for line in client.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]


@contextmanager
def mail_devel() -> Iterator[Mailbox]:
    """Run mail-devel (pymap and aiosmtpd) as a process; it needs no root and keeps mail in memory.

    Every user has a box of its own and logs in with PASSWORD; mail sent to it by SMTP goes to the boxes
    of its To and Cc.
    """
    mailbox = Mailbox(imap=free_port(), smtp=free_port())
    who = ["--host", HOST, "--no-http", "--multi-user", "--user", USER, "--password", PASSWORD]
    ports = ["--imap-port", str(mailbox.imap), "--smtp-port", str(mailbox.smtp)]
    command = [sys.executable, "-m", "mail_devel", *who, *ports]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port(mailbox.imap)
            wait_for_port(mailbox.smtp or 0)
            yield mailbox
        finally:
            process.terminate()
            process.wait(10)


DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {login}
default_login_user = {login}
default_internal_group = {group}
mail_location = maildir:{folder}/mail
mail_uid = {login}
mail_gid = {group}
first_valid_uid = 0
disable_plaintext_auth = no
ssl = {ssl}
{certificates}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={login} gid={group} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = {imaps_ssl}
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  mailbox Werbung {{
    special_use = \\Junk
  }}
}}
"""


@contextmanager
def dovecot(tls: Authority | None = None) -> Iterator[Mailbox]:
    """Run Debian's Dovecot on loopback, its state in a folder of its own; anybody logs in with PASSWORD."""
    program = shutil.which("dovecot", path=SEARCHED)
    assert program
    with tempfile.TemporaryDirectory(prefix="dovecot-") as name:
        folder = Path(name)
        mailbox = Mailbox(imap=free_port(), imaps=free_port(), folder=folder)
        config = _configured(mailbox, tls)
        with subprocess.Popen([program, "-F", "-c", str(config)]) as process:
            try:
                wait_for_port(mailbox.imap)
                yield mailbox
            finally:
                process.terminate()
                process.wait(10)


def _configured(mailbox: Mailbox, tls: Authority | None) -> Path:
    """Write Dovecot's configuration; as root it runs under its own user, who must reach its folder."""
    folder = mailbox.folder
    root = os.geteuid() == 0
    owner = "dovecot" if root else pwd.getpwuid(os.geteuid()).pw_name
    group = "dovecot" if root else grp.getgrgid(os.getegid()).gr_name
    (folder / "mail").mkdir()
    (folder / "run").mkdir()
    if root:
        folder.chmod(0o711)
        shutil.chown(folder / "mail", owner, group)
    certificates = f"ssl_cert = <{tls.certificate}\nssl_key = <{tls.key}" if tls else ""
    config = folder / "dovecot.conf"
    config.write_text(
        DOVECOT.format(
            folder=folder,
            login=owner,
            group=group,
            ssl="yes" if tls else "no",
            imaps_ssl="yes" if tls else "no",
            certificates=certificates,
            password=PASSWORD,
            imap=mailbox.imap,
            imaps=mailbox.imaps,
        )
    )
    return config


class _Netease(socketserver.StreamRequestHandler):
    """One client's way to the server behind: its lines pass, but for what 163 refuses."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Proxy)
        server.logins += 1
        server.client = self.connection
        with socket.create_connection((HOST, server.behind)) as behind:
            back = threading.Thread(target=self._answers, args=(behind,), daemon=True)
            back.start()
            known = False
            for line in self.rfile:
                tag, _, rest = line.partition(b" ")
                word = rest.split(b" ")[0].strip().upper()
                if word == b"ID":
                    known = True
                    self._say(b'* ID ("name" "Coremail Imap")\r\n' + tag + b" OK ID completed\r\n")
                elif word in (b"SELECT", b"EXAMINE") and not known:
                    self._say(tag + b" NO SELECT Unsafe Login. Please contact kefu@188.com for help\r\n")
                else:
                    behind.sendall(line)
            with suppress(OSError):
                behind.shutdown(socket.SHUT_RDWR)
            back.join(5)

    def _answers(self, behind: socket.socket) -> None:
        with behind.makefile("rb") as lines:
            for line in lines:
                told = line.startswith((b"* CAPABILITY", b"* OK [CAPABILITY")) or b"OK [CAPABILITY" in line
                self._say(
                    re.sub(rb" (IDLE|MOVE|UIDPLUS|CONDSTORE|ID)(?=[ \]\r])", b"", line) if told else line
                )

    def _say(self, line: bytes) -> None:
        with suppress(OSError):
            self.wfile.write(line)
            self.wfile.flush()


class _Proxy(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    behind = 0
    logins = 0
    client: socket.socket | None = None

    def cut(self) -> None:
        """Drop the last client, as a server does that restarts."""
        if self.client is not None:
            self.client.shutdown(socket.SHUT_RDWR)


@contextmanager
def like_163(behind: int) -> Iterator[_Proxy]:
    """Stand before the IMAP server on port `behind` with the manners of 163.com: no SELECT before ID,
    nothing but the base protocol on offer.
    """
    with _Proxy((HOST, 0), _Netease) as proxy:
        proxy.behind = behind
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


class _Meddler(socketserver.BaseRequestHandler):
    """One client's way to the server behind: what the proxy's `answer` says to a line is said instead."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Meddling)
        server.logins += 1
        with socket.create_connection((HOST, server.behind)) as behind, self.request.makefile("rb") as lines:
            back = threading.Thread(target=self._pass_back, args=(server, behind), daemon=True)
            back.start()
            with suppress(OSError):
                for line in lines:
                    told = server.answer(line)
                    if server.news and b"FETCH" in line:  # the first: nothing else is under way before it
                        self.request.sendall(server.news)
                        server.news = b""
                    (behind if told is None else self.request).sendall(line if told is None else told)
            with suppress(OSError):
                behind.shutdown(socket.SHUT_RDWR)
            back.join(5)

    def _pass_back(self, server: "_Meddling", behind: socket.socket) -> None:
        with suppress(OSError):
            while data := behind.recv(65536):
                for word in server.hidden:
                    data = data.replace(b" " + word, b"")
                self.request.sendall(data[: server.room])
                server.room -= len(data)
                if server.room <= 0:
                    server.room = sys.maxsize
                    break
            self.request.shutdown(socket.SHUT_RDWR)


class _Meddling(_Proxy):
    answer: Callable[[bytes], bytes | None] = staticmethod(lambda _line: None)
    hidden: tuple[bytes, ...] = ()
    room = sys.maxsize
    news = b""


@contextmanager
def meddling(
    behind: int,
    answer: Callable[[bytes], bytes | None] = lambda _line: None,
    *,
    hidden: tuple[bytes, ...] = (),
    room: int = sys.maxsize,
) -> Iterator[_Meddling]:
    """Stand before the IMAP server on port `behind`, and answer some of the client's lines instead of it.

    `hidden` are capabilities it does not offer; after `room` bytes of answers one connection is cut. `news`
    of the proxy are said unasked before the answer to the next FETCH.
    """
    with _Meddling((HOST, 0), _Meddler) as proxy:
        proxy.behind, proxy.answer, proxy.hidden, proxy.room = behind, answer, hidden, room
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
