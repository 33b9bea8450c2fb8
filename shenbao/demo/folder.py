"""The demo's data folder: made anew, with a campaign around today and settings to run and to try it with."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

from shenbao.alone import alone
from shenbao.demo.embedded import Surroundings
from shenbao.options import CAMPAIGNS, Misuse, now
from storage.campaign import Campaign
from storage.campaign_file import load, redated

MARK = ".shenbao-demo"
TRY_PORT = 8025

SERVE = """\
# 由 shenbao demo 写成。活动的日期在今天前后，适合试用；正式使用请见 README.zh-CN.md。
campaign = {campaign}
[store]
data = {data}
[listener]
host = "127.0.0.1"
port = {port}
addresses = ["bzscbk@163.com"]
"""
EMBEDDED = """\
# 以下两个内嵌邮箱随演示结束；自己试用请用 try.toml。
[mailbox]
host = "127.0.0.1"
port = {imap}
user = "bzscbk@163.com"
password_file = {code}
tls = "none"
poll_seconds = 1
[outgoing]
host = "127.0.0.1"
port = {smtp}
tls = "none"
sender = "bzscbk@163.com"
hourly = 1000
daily = 1000
"""


def prepared(folder: Path) -> Campaign:
    """Make the folder anew with a dated campaign file; only one that an earlier demo made is cleared."""
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("由 shenbao demo 生成，可以整个删除。\n", encoding="utf-8")
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    text = (CAMPAIGNS / "bozhou-2022.toml").read_text(encoding="utf-8")
    opens, deadline = today - timedelta(days=3), today + timedelta(days=10)  # the real dates are long past
    path = folder / "campaign.toml"
    path.write_text(redated(text, opens=opens, deadline=deadline, name="demo"), encoding="utf-8")
    return load(path)


def write_settings(folder: Path, around: Surroundings, port: int) -> Path:
    """Write the settings of the demo's own service, and `try.toml` for the visitor; return the first."""
    code = folder / "mailbox-code"
    code.touch(mode=0o600)
    code.write_text(around.office.password, encoding="utf-8")
    quoted = {name: _quoted(folder, path) for name, path in (("campaign", "campaign.toml"), ("data", "data"))}
    embedded = EMBEDDED.format(
        imap=around.office.imap, smtp=around.applicants.smtp, code=_quoted(folder, "mailbox-code")
    )
    (folder / "try.toml").write_text(SERVE.format(port=TRY_PORT, **quoted), encoding="utf-8")
    settings = folder / "serve.toml"
    settings.write_text(SERVE.format(port=port, **quoted) + embedded, encoding="utf-8")
    return settings


def _clear(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MARK).is_file():
        raise Misuse(f"文件夹已存在，而且不是演示留下的：{folder}。请用 --data 另指一个。")
    if (folder / "data").is_dir():
        with alone(folder / "data"):  # a visitor may have a service of their own running on it
            pass
    shutil.rmtree(folder)


def _quoted(folder: Path, name: str) -> str:
    """Return a path as a TOML string; a JSON string is one."""
    return json.dumps(str(folder.resolve() / name), ensure_ascii=False)
