import json

import jsonschema
import pytest

from bot.access import Desk, Role
from bot.terminal import chat
from storage.model import State
from tests.bot import made
from tests.bot.conftest import somebody

CHAT = {
    "type": "object",
    "required": ["command", "text"],
    "properties": {"command": {"type": "string"}, "text": {"type": "string"}},
}


def talk(desk: Desk, *lines: str, as_json: bool = False, role: Role = Role.DECIDER) -> list[str]:
    written: list[str] = []
    chat(desk, somebody(role), lines, written.append, as_json=as_json)
    return written


def test_each_line_gets_its_answer_until_the_end(desk: Desk) -> None:
    told = talk(desk, "/list 待核定\n", "\n", "   \n", "\ufeff/status 3\r\n", "/quota")
    assert [text.splitlines()[0] for text in told] == [
        "待核定 2件",
        "WM2022-0003 待核定",
        "县区账号  名额  已占  剩余  未定",
    ]


def test_json_is_one_object_a_line(desk: Desk) -> None:
    lines = talk(desk, "/problems", "/status 2", "乱写", as_json=True)
    told = [json.loads(line) for line in lines]
    for one in told:
        jsonschema.validate(one, CHAT)
    assert [one["command"] for one in told] == ["/problems", "/status 2", "乱写"]
    assert not [line for line in lines if "\n" in line]


@pytest.mark.parametrize("as_json", [True, False])
def test_bytes_that_are_no_text_do_not_stop_it(desk: Desk, as_json: bool) -> None:
    told = talk(desk, "/search \udce4\udcb8", "/status 3", as_json=as_json)
    assert len(told) == 2
    assert "WM2022-0003" in told[1]
    assert "".join(told).encode()


def test_control_letters_of_an_applicant_never_reach_the_terminal(desk: Desk) -> None:
    made.keep(desk.store, made.application(10, "红\x1b[31m\x07", State.REVIEWING))
    assert "\x1b" not in "".join(talk(desk, "/status 10", "/list", "/search 红"))


def test_an_applicant_s_terminal_needs_no_login_but_a_token(desk: Desk) -> None:
    told = talk(desk, "/status", f"/start {made.token_of(2)}", "/status", role=Role.APPLICANT)
    assert [text[:4] for text in told] == ["本聊天还", "绑定成功", "WM20"]
