"""The emulated DingTalk, talked to by the official SDK's own loop: what serves the SDK serves ours."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.bot.dingtalk_emulator import CLIENT, SECRET, DingTalk, running

SDK = f"""
import asyncio
import dingtalk_stream as sdk

class Echo(sdk.ChatbotHandler):
    async def process(self, callback):
        message = sdk.ChatbotMessage.from_dict(callback.data)
        self.reply_text("收到：" + message.text.content.strip(), message)
        return sdk.AckMessage.STATUS_OK, "OK"

client = sdk.DingTalkStreamClient(sdk.Credential({CLIENT!r}, {SECRET!r}))
client.register_callback_handler(sdk.ChatbotMessage.TOPIC, Echo())
assert client.get_access_token()
asyncio.run(client.start())
"""


@contextmanager
def echoing(service: DingTalk) -> Iterator[None]:
    environment = {**os.environ, "DINGTALK_OPENAPI_ENDPOINT": service.base_url}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [sys.executable, "-c", SDK], env=environment, stdout=quiet, stderr=quiet
    ) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize(
    "asked", [pytest.param("", id="as it is"), pytest.param("disconnect", id="asked to connect anew")]
)
def test_the_sdk_is_served(asked: str) -> None:
    with running() as service, echoing(service):
        service.wait(lambda: "/connect" in service.calls, 60)
        if asked:
            service.system(asked)
            service.wait(lambda: service.calls.count("/connect") == 2, 60)
        number = service.say("user77", "你好")
        assert service.answers(1)[0].text == "收到：你好"
        service.wait(lambda: number in service.receipts)
