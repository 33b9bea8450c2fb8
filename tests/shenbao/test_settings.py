"""The settings: every key from the file or the environment, all mistakes at once, no secret ever told."""

import json
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shenbao.settings import SECTIONS, Settings, SettingsError, load
from tests.servers import authority

SECRET = "Xq7-geheim-授权码"
MAILBOX = '[mailbox]\nhost = "imap.163.com"\nuser = "bzscbk@163.com"\n'
OUTGOING = '[outgoing]\nhost = "smtp.163.com"\nuser = "bzscbk@163.com"\n'
TELEGRAM = "[telegram]\n"
CODES = {
    "SHENBAO_MAILBOX__PASSWORD": SECRET,
    "SHENBAO_OUTGOING__PASSWORD": SECRET,
    "SHENBAO_TELEGRAM__TOKEN": SECRET,
}

WHOLE = """
campaign = "bozhou-2022"
[store]
data = "./data"
[mailbox]
host = "imap.163.com"
port = 993
user = "bzscbk@163.com"
folder = "INBOX"
tls = "tls"
ca_file = "{ca}"
poll_seconds = 30
after = "move:已收"
[listener]
host = "127.0.0.1"
port = 8025
addresses = ["bzscbk@163.com"]
max_bytes = 73400320
[outgoing]
host = "smtp.163.com"
port = 465
user = "bzscbk@163.com"
tls = "tls"
ca_file = "{ca}"
sender = "bzscbk@163.com"
hourly = 40
daily = 300
[telegram]
base_url = "https://api.telegram.org"
staff = [1001, 1002]
deciders = [1001]
staff_group = -100123
undo_seconds = 120
details = "minimal"
[dingtalk]
client_id = "a"
staff = ["u1"]
deciders = ["u1"]
[parsing]
workers = 0
memory_mb = 2048
seconds = 60
cluster = ""
"""


def of(folder: Path, text: str, **environment: str) -> Settings:
    path = folder / "shenbao.toml"
    path.write_text(text, "utf-8")
    return load(path, environment)


def mistakes(folder: Path, text: str, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        of(folder, text, **environment)
    return caught.value.mistakes


def test_every_key_of_the_contract_loads(tmp_path: Path) -> None:
    secrets = CODES | {"SHENBAO_DINGTALK__CLIENT_SECRET": SECRET}
    whole = of(tmp_path, WHOLE.format(ca=authority(tmp_path).ca), **secrets)
    assert whole.mailbox
    assert whole.outgoing
    assert whole.telegram
    assert whole.dingtalk
    assert whole.listener
    assert (whole.mailbox.target, whole.mailbox.password) == ("已收", SECRET)
    assert (whole.outgoing.address, whole.outgoing.password) == ("bzscbk@163.com", SECRET)
    assert (whole.telegram.staff, whole.telegram.token) == ((1001, 1002), SECRET)
    assert (whole.dingtalk.staff, whole.dingtalk.client_secret) == (("u1",), SECRET)
    assert whole.notes == ()


def test_defaults_are_the_contracts(tmp_path: Path) -> None:
    whole = of(tmp_path, f"[listener]\n{MAILBOX}{OUTGOING}{TELEGRAM}", **CODES)
    assert (whole.campaign, whole.store.data) == ("bozhou-2022", "./data")
    mailbox, listener, outgoing, telegram = whole.mailbox, whole.listener, whole.outgoing, whole.telegram
    assert mailbox
    assert listener
    assert outgoing
    assert telegram
    assert (mailbox.port, mailbox.folder, mailbox.poll_seconds, mailbox.after) == (993, "INBOX", 30, "keep")
    assert (listener.host, listener.port) == ("127.0.0.1", 8025)
    assert (listener.addresses, listener.max_bytes) == (("bzscbk@163.com",), 73400320)
    assert (outgoing.port, outgoing.hourly, outgoing.daily) == (465, 40, 300)
    assert (telegram.undo_seconds, telegram.details, telegram.staff_group) == (120, "minimal", None)
    assert (whole.parsing.workers, whole.parsing.memory_mb, whole.parsing.seconds) == (0, 2048, 60)
    assert whole.notes == ()


def test_a_section_left_out_is_switched_off(tmp_path: Path) -> None:
    assert of(tmp_path, "[listener]\n") == Settings(listener=of(tmp_path, "[listener]\n").listener)
    assert load(None, {}) == Settings()


def test_everything_can_come_from_the_environment(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.write_text(f"  {SECRET}\n", "utf-8")
    whole = load(
        None,
        {
            "SHENBAO_CAMPAIGN": "mine.toml",
            "SHENBAO_STORE__DATA": "/srv/data",
            "SHENBAO_MAILBOX__HOST": "imap.163.com",
            "SHENBAO_MAILBOX__USER": "bzscbk@163.com",
            "SHENBAO_MAILBOX__PASSWORD_FILE": str(code),
            "SHENBAO_MAILBOX__POLL_SECONDS": "2.5",
            "SHENBAO_LISTENER__ADDRESSES": "a@b.cn, c@d.cn ,",
            "SHENBAO_LISTENER__PORT": "2525",
            "SHENBAO_TELEGRAM__TOKEN": "1:abc",
            "SHENBAO_TELEGRAM__STAFF": "1,2",
            "SHENBAO_TELEGRAM__DECIDERS": "",
            "SHENBAO_NO_SKIPS": "1",
            "PATH": "/bin",
        },
    )
    assert whole.mailbox
    assert whole.listener
    assert whole.telegram
    assert (whole.campaign, whole.store.data) == ("mine.toml", "/srv/data")
    assert (whole.mailbox.password, whole.mailbox.poll_seconds) == (SECRET, 2.5)
    assert (whole.listener.addresses, whole.listener.port) == (("a@b.cn", "c@d.cn"), 2525)
    assert (whole.telegram.staff, whole.telegram.deciders) == ((1, 2), ())


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    text = f'campaign = "a"\n{MAILBOX}password_file = "/nowhere"\nport = 1\n'
    over = {"SHENBAO_MAILBOX__PASSWORD": SECRET, "SHENBAO_MAILBOX__PORT": "2", "SHENBAO_CAMPAIGN": "b"}
    whole = of(tmp_path, text, **over)
    assert whole.mailbox
    assert (whole.mailbox.port, whole.mailbox.password, whole.campaign) == (2, SECRET, "b")


def test_a_windows_editors_file_loads(tmp_path: Path) -> None:
    path = tmp_path / "shenbao.toml"
    path.write_bytes(b'\xef\xbb\xbfcampaign = "x"\r\n[listener]\r\nport = 25\r\n')
    whole = load(path, {})
    assert whole.listener
    assert (whole.campaign, whole.listener.port) == ("x", 25)


WRONG = [
    pytest.param("[mailbx]\n", "[mailbx]：没有这个部分，是不是 mailbox？", id="unknown section"),
    pytest.param('data = "x"\n', "[data]：没有这个部分", id="a key outside its section"),
    pytest.param("mailbox = 5\n", "mailbox：应写成 [mailbox] 一节", id="a value for a section"),
    pytest.param("campaign = 2022\n", "campaign：应为文字：活动的名称或活动文件的路径", id="campaign a number"),
    pytest.param('campaign = " "\n', "campaign：不能为空", id="campaign empty"),
    pytest.param("[listener]\nprot = 25\n", "[listener] prot：没有这个设置项，是不是 port？", id="unknown key"),
    pytest.param('[listener]\nport = "x"\n', "[listener] port：应为整数", id="port a word"),
    pytest.param("[listener]\nport = true\n", "[listener] port：应为整数", id="port a truth"),
    pytest.param("[listener]\nport = 70000\n", "[listener] port：应在 0 到 65535 之间", id="port too high"),
    pytest.param('[listener]\nhost = ""\n', "[listener] host：应为主机名，例如 imap.163.com", id="no host"),
    pytest.param('[listener]\nhost = "a..b"\n', "[listener] host：不是正确的主机名", id="host with an empty label"),
    pytest.param("[listener]\naddresses = []\n", "[listener] addresses：至少写一个收信地址", id="no address"),
    pytest.param('[listener]\naddresses = ["x"]\n', "[listener] addresses：不是邮箱地址：x", id="not an address"),
    pytest.param(
        '[listener]\naddresses = "a@b.cn"\n',
        '[listener] addresses：应为文字的列表，例如 ["bzscbk@163.com"]',
        id="a text for a list",
    ),
    pytest.param('[store]\ndata = ""\n', "[store] data：不能为空", id="no data folder"),
    pytest.param('[store]\ndata = "a\\u0000b"\n', "[store] data：应为文字，不能有换行等控制字符", id="NUL"),
    pytest.param("[parsing]\nmemory_mb = 1\n", "[parsing] memory_mb：应在 512 到 1048576 之间", id="no memory"),
    pytest.param("[parsing]\nseconds = 0\n", "[parsing] seconds：应在 1 到 3600 之间", id="no time"),
    pytest.param(f"{MAILBOX}poll_seconds = 0\n", "[mailbox] poll_seconds：应在 1 到 3600 之间", id="without pause"),
    pytest.param(f"{MAILBOX}poll_seconds = nan\n", "[mailbox] poll_seconds：应在 1 到 3600 之间", id="nan"),
    pytest.param(f'{MAILBOX}tls = "ssl"\n', "[mailbox] tls：应为 tls、starttls、none 之一", id="unknown tls"),
    pytest.param(f'{MAILBOX}after = "delete"\n', "[mailbox] after：应为 keep（原样保留），或 move:文件夹名", id="after"),
    pytest.param(f'{MAILBOX}after = "move:"\n', "[mailbox] after：应为 keep（原样保留），或 move:文件夹名", id="move"),
    pytest.param(f'{MAILBOX}ca_file = "no.pem"\n', "[mailbox] ca_file：没有这个文件：no.pem", id="no authority"),
    pytest.param(
        '[outgoing]\nhost = "a.cn"\n', "[outgoing]：要写明发信地址：sender，或写成邮箱地址的 user", id="no sender"
    ),
    pytest.param('[telegram]\nstaff = ["王敏"]\n', "[telegram] staff：应为数字的列表，例如 [123456, 234567]", id="staff"),
    pytest.param(
        '[telegram]\nusername = "@bot"\n',
        "[telegram] username：应为机器人的用户名，不带 @，例如 bozhou_shenbao_bot",
        id="a name with its sign",
    ),
    pytest.param(
        '[telegram]\ndeep_link = "maybe"\n', "[telegram] deep_link：应为 true 或 false", id="neither yes nor no"
    ),
    pytest.param(
        '[dingtalk]\nclient_id = "a"\n',
        "[dingtalk] client_secret：必须填写，用环境变量 SHENBAO_DINGTALK__CLIENT_SECRET，或 client_secret_file 指明存放它的文件",
        id="no secret of DingTalk's",
    ),
    pytest.param(
        '[telegram]\nbase_url = "api.telegram.org"\n', "[telegram] base_url：应为 https:// 开头的网址", id="address"
    ),
    pytest.param(
        '[notices]\nquiet = "22"\n',
        "[notices] quiet：应为起止时间，例如 22:00-07:30，不要静默时段就留空",
        id="quiet hours without an end",
    ),
    pytest.param(
        '[notices]\ndigest = "25:00"\n', "[notices] digest：应为时间，例如 08:30，不要每日汇总就留空", id="no time of day"
    ),
    pytest.param(
        "[notices]\ngather_seconds = -1\n", "[notices] gather_seconds：应在 0 到 3600 之间", id="told before it happens"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_a_wrong_file_is_told(tmp_path: Path, text: str, told: str) -> None:
    codes = {name: value for name, value in CODES.items() if f"[{name.split('_')[1].lower()}]" in text}
    assert mistakes(tmp_path, text, **codes) == [told]


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    wrong = tmp_path / "ca.pem"
    wrong.write_text("not a certificate")
    text = f"{MAILBOX}ca_file = {json.dumps(str(wrong))}"
    (told,) = mistakes(tmp_path, text, SHENBAO_MAILBOX__PASSWORD=SECRET)
    assert told == f"[mailbox] ca_file：不是 PEM 格式的证书：{wrong}"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        pytest.param("SHENBAO_MALIBOX__HOST", "x", "环境变量 SHENBAO_MALIBOX__HOST：没有 [malibox] 这个部分，是不是 mailbox？", id="section"),
        pytest.param("SHENBAO_LISTENER__HOTS", "x", "[listener] hots：没有这个设置项，是不是 host？", id="key"),
        pytest.param("SHENBAO_LISTENER__PORT", "x", "[listener] port：应为整数", id="value"),
        pytest.param("SHENBAO_CAMPAIGN", "", "campaign：不能为空", id="campaign"),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_told(variable: str, value: str, told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(None, {variable: value})
    assert caught.value.mistakes == [told]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path, 'campaign = 1\n[listener]\nport = -1\nx = 2\n[mailbox]\nport = "y"\n[nothing]\n'
    )
    assert [one.split("：")[0] for one in told] == [
        "campaign",
        "[nothing]",
        "[mailbox] port",
        "[mailbox] host",
        "[mailbox] user",
        "[mailbox] password",
        "[listener] port",
        "[listener] x",
    ]
    assert "SHENBAO_MAILBOX__PASSWORD" in told[5]
    assert "password_file" in told[5]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        pytest.param(lambda _path: None, "没有这个文件", id="not there"),
        pytest.param(lambda path: path.mkdir(), "读不了这个文件（Is a directory）", id="a folder"),
        pytest.param(
            lambda path: path.write_bytes(b"\xff\xfe"), "文件的名称或内容不是正确的文字", id="no text"
        ),
        pytest.param(lambda path: path.write_text("\n"), "不能为空", id="empty"),
    ],
)
def test_a_secrets_file_that_cannot_serve(tmp_path: Path, make: object, told: str) -> None:
    code = tmp_path / "code"
    make(code)  # type: ignore[operator]  # parametrized
    (only,) = mistakes(tmp_path, f"{MAILBOX}password_file = {json.dumps(str(code))}\n")
    assert only.endswith(f"：{told}")


NOT_READ = [
    pytest.param(b"campaign = ", "不是正确的 TOML 文件", id="cut off"),
    pytest.param("campaign = “亳州”".encode(), "不是正确的 TOML 文件", id="Chinese quotes"),
    pytest.param('campaign = "亳州"'.encode("gbk"), "不是 UTF-8 编码", id="GBK"),
    pytest.param(b"a = " + b"[" * 5000, "不是正确的 TOML 文件", id="nested without end"),
    pytest.param(b"a = " + b"9" * 5000, "不是正确的 TOML 文件", id="a number of 5,000 digits"),
]


@pytest.mark.parametrize(("content", "told"), NOT_READ)
def test_a_file_that_is_none(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "shenbao.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=told):
        load(path, {})


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="读不了这个文件"):
        load(tmp_path, {})


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    whole = of(tmp_path, f"{MAILBOX}{OUTGOING}{TELEGRAM}", **CODES)
    assert SECRET not in f"{whole!r} {whole} {whole.mailbox!r} {whole.outgoing} {whole.telegram}"
    assert SECRET not in str(whole.notes)


@pytest.mark.parametrize(
    ("text", "environment"),
    [
        pytest.param(f'{MAILBOX}password = "{SECRET}\\n"\n', {}, id="with a line break"),
        pytest.param(f'{MAILBOX}password = ["{SECRET}"]\n', {}, id="in a list"),
        pytest.param(f'{MAILBOX}pasword = "{SECRET}"\n', {}, id="under a wrong key"),
        pytest.param(f'{MAILBOX}password_file = "{SECRET}"\n', {}, id="in the place of its file"),
        pytest.param(f'{MAILBOX}password = "{SECRET}\n', {}, id="with its quotes open"),
        pytest.param(MAILBOX, {"SHENBAO_MAILBOX__PASWORD": SECRET}, id="under a wrong variable"),
        pytest.param(MAILBOX, {"SHENBAO_MAILBOX__PASSWORD": f"{SECRET}\x07"}, id="with a control letter"),
    ],
)
def test_no_mistake_tells_a_secret(tmp_path: Path, text: str, environment: dict[str, str]) -> None:
    assert SECRET not in "\n".join(mistakes(tmp_path, text, **environment))


NOTED = [
    pytest.param(f'{MAILBOX}password = "{SECRET}"\n', "password 写在了设置文件里", id="a secret in the file"),
    pytest.param(f'{MAILBOX}tls = "none"\n', "明文", id="in the clear"),
    pytest.param(f'{OUTGOING}sender = "other@163.com"\n', "sender 与 user 不同", id="another sender"),
    pytest.param('[parsing]\ncluster = "tcp://host:8786"\n', "不加密", id="a cluster in the clear"),
]


@pytest.mark.parametrize(("text", "told"), NOTED)
def test_what_is_unwise_is_noted(tmp_path: Path, text: str, told: str) -> None:
    codes = {name: value for name, value in CODES.items() if f"[{name.split('_')[1].lower()}]" in text}
    (note,) = of(tmp_path, text, **codes).notes
    assert told in note


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://localhost:8786", "tls://host:8786", ""])
def test_a_cluster_that_nobody_overhears(tmp_path: Path, address: str) -> None:
    settings = of(tmp_path, f'[parsing]\ncluster = "{address}"\n')
    assert (settings.parsing.cluster, settings.notes) == (address, ())


@pytest.mark.parametrize(
    "address", ["host", "host:8786", "http://host:8786", "tcp://host", "tcp://:8786", "tcp://a@host:1"]
)
def test_an_address_that_is_no_clusters(tmp_path: Path, address: str) -> None:
    (wrong,) = mistakes(tmp_path, f'[parsing]\ncluster = "{address}"\n')
    assert "调度机的地址" in wrong


def test_a_secrets_file_that_others_can_read_is_noted(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.write_text(SECRET, "utf-8")
    code.chmod(0o644)
    text = f"{MAILBOX}password_file = {json.dumps(str(code))}\n"
    (note,) = of(tmp_path, text).notes
    assert "chmod 600" in note
    code.chmod(0o600)
    assert of(tmp_path, text).notes == ()


def test_the_clear_is_no_matter_on_this_machine(tmp_path: Path) -> None:
    for host in ("localhost", "127.0.0.1", "::1"):
        text = f'[mailbox]\nhost = "{host}"\nuser = "a@b.cn"\ntls = "none"\n'
        assert of(tmp_path, text, SHENBAO_MAILBOX__PASSWORD="x").notes == ()


KEYS = sorted(
    {key for kind in SECTIONS.values() for key in kind.__struct_fields__}
    | {"password_file", "token_file", "x"}
)
VALUES = st.one_of(
    st.text(max_size=8).filter(lambda text: text.isprintable()),
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.lists(st.integers() | st.just("a@b.cn"), max_size=2),
    st.sampled_from(["tls", "keep", "a@b.cn", "imap.163.com", "/", "."]),
)
TABLES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)


def written(sections: dict[str, dict[str, object]]) -> str:
    lines = []
    for name, table in sections.items():
        lines += [
            f"[{name}]",
            *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()),
        ]
    return "\n".join(lines)


@given(
    st.dictionaries(st.sampled_from([*SECTIONS, "nothing"]), TABLES, max_size=3),
    st.dictionaries(
        st.builds("SHENBAO_{}__{}".format, st.sampled_from([*SECTIONS, "NO"]), st.sampled_from(KEYS)).map(
            str.upper
        ),
        st.text(max_size=8),
        max_size=3,
    ),
)
def test_nothing_but_settings_or_their_mistakes(
    sections: dict[str, dict[str, object]], environment: dict[str, str]
) -> None:
    text = written(sections)
    tomllib.loads(text)
    with tempfile.TemporaryDirectory() as folder:
        try:
            whole = of(Path(folder), text, **environment)
        except SettingsError as error:
            told = error.mistakes
        else:
            told = [repr(whole)]
    assert all(told)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_settings_or_a_mistake(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shenbao.toml"
        path.write_bytes(content)
        try:
            told = [repr(load(path, {}))]
        except SettingsError as error:
            told = error.mistakes
    assert all(told)
