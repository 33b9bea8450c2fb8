"""Twins written by programs that are not ours: what they were told to send is what is read."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from intake.mail.envelope import read

SENDER, TO = "zs@unit.example.cn", "bzscbk@163.com"
NAME = "谯城区委网信办（·）"
SUBJECT = "报送“亳州发布”申报材料：朱镕基小学𠮷"
TEXT = "您好：请查收㐂。"
FILE = "申报表（阿里木·买买提）㐂𠮷 1.docx"
LONG = "亳州市文明网站平台文明账号申报表" * 5 + ".docx"


Client = Callable[[Path, str, str], Sequence[str]]


def mutt(folder: Path, charset: str, file: str) -> Sequence[str]:
    settings = {
        "sendmail": f"{folder}/keep",
        "from": SENDER,
        "realname": NAME,
        "send_charset": charset,
        "rfc2047_parameters": "yes",
        "use_envelope_from": "no",
        "copy": "no",
    }
    told = "; ".join(f'set {name}="{value}"' for name, value in settings.items())
    return ["mutt", "-n", "-F", "/dev/null", "-e", told, "-s", SUBJECT, "-a", file, "--", TO]


def s_nail(folder: Path, charset: str, file: str) -> Sequence[str]:
    settings = {"mta": f"{folder}/keep", "sendcharsets": charset, "from": f"{NAME} <{SENDER}>"}
    told = [word for name, value in settings.items() for word in ("-S", f"{name}={value}")]
    return ["s-nail", "-n", *told, "-s", SUBJECT, "-a", file, TO]


def kept(folder: Path, command: Sequence[str]) -> bytes:
    """Run a client whose sendmail keeps the mail, and return what it wrote."""
    keep = folder / "keep"
    keep.write_text(f"#!/bin/sh\nexec cat > '{folder}/mail'\n")
    keep.chmod(0o700)
    surroundings: Mapping[str, str] = os.environ | {"LC_ALL": "C.UTF-8", "HOME": str(folder)}
    subprocess.run(command, input=TEXT, text=True, cwd=folder, env=surroundings, check=True, timeout=30)
    return (folder / "mail").read_bytes()


@pytest.mark.parametrize("file", [FILE, LONG], ids=["odd letters", "over 200 bytes"])
@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize(
    "client",
    [
        pytest.param(mutt, marks=pytest.mark.debian("mutt"), id="mutt"),
        pytest.param(s_nail, marks=pytest.mark.debian("s-nail"), id="s-nail"),
    ],
)
def test_a_unix_client(tmp_path: Path, client: Client, charset: str, file: str) -> None:
    (tmp_path / file).write_bytes(b"form")
    mail = read(kept(tmp_path, client(tmp_path, charset, file)))
    assert (mail.sender, mail.sender_name, mail.subject, mail.text) == (SENDER, NAME, SUBJECT, TEXT)
    assert [(each.name, each.data) for each in mail.attachments] == [(file, b"form")]


@pytest.mark.debian("swaks")
def test_swaks(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"form")
    header = ["--header", f"Subject: {SUBJECT}", "--from", SENDER, "--to", TO, "--body", TEXT]
    command = [
        "swaks",
        *header,
        "--attach-type",
        "application/msword",
        "--attach-name",
        FILE,
        "--attach",
        f"@{FILE}",
    ]
    done = subprocess.run(
        [*command, "--dump-mail"], capture_output=True, cwd=tmp_path, check=True, timeout=30
    )
    mail = read(done.stdout)
    assert (mail.sender, mail.subject, mail.text) == (SENDER, SUBJECT, TEXT)
    assert [(each.name, each.data) for each in mail.attachments] == [(FILE, b"form")]


@pytest.mark.parametrize("file", [FILE, LONG], ids=["odd letters", "over 200 bytes"])
def test_pythons_own_library(file: str) -> None:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = f"{NAME} <{SENDER}>", TO, SUBJECT
    made.set_content(TEXT)
    made.add_attachment(b"form", maintype="application", subtype="msword", filename=file)
    mail = read(made.as_bytes())
    assert (mail.sender, mail.sender_name, mail.subject, mail.text) == (SENDER, NAME, SUBJECT, TEXT)
    assert [(each.name, each.data) for each in mail.attachments] == [(file, b"form")]
