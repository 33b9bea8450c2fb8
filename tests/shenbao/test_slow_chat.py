"""A chat that hangs holds up no mail, and does not keep the service from ending."""

from pathlib import Path

import pytest

from tests.bot import dingtalk_emulator, emulator
from tests.bot.dingtalk_emulator import CLIENT, SECRET
from tests.bot.emulator import HANG, TOKEN
from tests.build import facts, mails
from tests.servers import smtp_sink
from tests.shenbao.serving import config, letters, outgoing, serving, waited
from tests.story.office import everything

STAFF = 42


@pytest.mark.parametrize(
    "method",
    [
        pytest.param("getMe", id="Telegram at the start"),
        pytest.param("getUpdates", id="Telegram asked for news"),
        pytest.param("sendMessage", id="Telegram given an answer"),
        pytest.param("/v1.0/gateway/connections/open", id="DingTalk at the start"),
        pytest.param("/robot/sendBySession", id="DingTalk given an answer"),
    ],
)
def test_mail_is_answered_while_a_chat_hangs(tmp_path: Path, method: str) -> None:
    with emulator.running() as telegram, dingtalk_emulator.running() as dingtalk, smtp_sink() as sink:
        for chat in (telegram, dingtalk):
            chat.fail(method, *[HANG] * 50)
        telegram.say(STAFF, "/today")
        dingtalk.say("manager01", "/today")
        settings = config(
            tmp_path,
            outgoing=outgoing(sink),
            telegram={"base_url": telegram.base_url, "staff": [STAFF]},
            dingtalk={"base_url": dingtalk.base_url, "client_id": CLIENT, "staff": ["manager01"]},
        )
        secrets = {"SHENBAO_TELEGRAM__TOKEN": TOKEN, "SHENBAO_DINGTALK__CLIENT_SECRET": SECRET}
        with serving(settings, **secrets) as serve:
            assert waited(lambda: method in telegram.calls + dingtalk.calls)
            who = facts.applicant(0, platform="wechat")
            serve.send(mails.mail(who, attachments=everything(who)).raw)
            assert waited(lambda: bool(letters(sink)))
            assert serve.stop() == 0
