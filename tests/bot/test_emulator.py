"""The emulated Bot API, talked to by the library that the real one is: what it refuses and how it fails."""

import asyncio
import html
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram import api, quieten
from tests.bot import telegram_rules as rules
from tests.bot.emulator import BAD_GATEWAY, DROP, SLOW_DOWN, TOKEN, Emulator, running

ME = 7001


@pytest.fixture
def service() -> Iterator[Emulator]:
    quieten()
    with running() as emulator:
        yield emulator


def talked(service: Emulator, call: Callable[[Bot], Awaitable[Any]], token: str = TOKEN) -> Any:
    """Return what a call of the library gives."""

    async def talk() -> Any:
        async with Bot(token, base_url=api(service.base_url)) as bot:
            return await call(bot)

    return asyncio.run(talk())


def keys(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in rows]
    )


@pytest.mark.parametrize(
    ("told", "call"),
    [
        pytest.param("Message text is empty", lambda bot: bot.send_message(ME, " \n"), id="nothing to see"),
        pytest.param("Message is too long", lambda bot: bot.send_message(ME, "州" * 4097), id="too long"),
        pytest.param("Message is too long", lambda bot: bot.send_message(ME, "𠮷" * 2049), id="two units a letter"),
        pytest.param("Unsupported start tag", lambda bot: bot.send_message(ME, "1 < 2", "HTML"), id="a bare <"),
        pytest.param("Unsupported start tag", lambda bot: bot.send_message(ME, "<h1>州</h1>", "HTML"), id="no such tag"),
        pytest.param("find end tag", lambda bot: bot.send_message(ME, "<b>州", "HTML"), id="not closed"),
        pytest.param("Unmatched end tag", lambda bot: bot.send_message(ME, "<b><i>州</b></i>", "HTML"), id="crossed"),
        pytest.param(
            "Entity beyond",
            lambda bot: bot.send_message(ME, "州", entities=[MessageEntity("pre", 0, 2)]),
            id="a mark beyond the text",
        ),
        pytest.param(
            "Button_data_invalid",
            lambda bot: bot.send_message(ME, "州", reply_markup=keys([("齐全", "亳" * 22)])),
            id="65 bytes in a button",
        ),
        pytest.param(
            "too long",
            lambda bot: bot.send_message(ME, "州", reply_markup=keys(*[[("a", "b")]] * 101)),
            id="too many buttons",
        ),
        pytest.param(
            "caption is too long",
            lambda bot: bot.send_document(ME, b"x", filename="a.txt", caption="州" * 1025),
            id="a caption",
        ),
        pytest.param("non-empty", lambda bot: bot.send_document(ME, b"", filename="a.txt"), id="an empty file"),
        pytest.param("not found", lambda bot: bot.edit_message_text("州", ME, 1), id="nothing to edit"),
        pytest.param("too old", lambda bot: bot.answer_callback_query("press-1"), id="a press that was none"),
    ],
)  # fmt: skip
def test_what_telegram_refuses(service: Emulator, told: str, call: Callable[[Bot], Awaitable[Any]]) -> None:
    with pytest.raises(BadRequest, match=f"(?i){told}"):
        talked(service, call)
    assert service.sent == []


@given(st.text())
def test_escaped_text_is_read_as_it_was(text: str) -> None:
    assert rules.html(f"<b>{html.escape(text)}</b>") == text


def test_what_fits_exactly_is_taken(service: Emulator) -> None:
    talked(service, lambda bot: bot.send_message(ME, "𠮷" * 2048))
    talked(service, lambda bot: bot.send_message(ME, "<b>" + "州" * 4096 + "</b>", "HTML"))
    talked(service, lambda bot: bot.send_message(ME, "州", reply_markup=keys([("齐全", "a" * 64)])))
    assert len(service.sent) == 3


def test_a_message_is_edited_and_its_keyboard_goes(service: Emulator) -> None:
    sent = talked(service, lambda bot: bot.send_message(ME, "办？", reply_markup=keys([("确认", "x")])))
    talked(service, lambda bot: bot.edit_message_text("办了。", ME, sent.message_id))
    assert [(one.text, one.keyboard) for one in service.sent] == [("办了。", ())]
    with pytest.raises(BadRequest, match="not modified"):
        talked(service, lambda bot: bot.edit_message_reply_markup(ME, sent.message_id))


def test_a_file_comes_as_it_was_under_its_name(service: Emulator) -> None:
    data = bytes(range(256)) * 100
    talked(service, lambda bot: bot.send_document(ME, data, filename="申报汇总表（一）.xlsx"))
    assert [(one.name, one.file) for one in service.sent] == [("申报汇总表（一）.xlsx", data)]


def test_updates_come_until_they_are_confirmed(service: Emulator) -> None:
    for text in ("一", "二", "三"):
        service.say(ME, text)

    async def poll(bot: Bot) -> list[list[str]]:
        taken = [await bot.get_updates(), await bot.get_updates(1001, limit=1), await bot.get_updates()]
        return [[one.message.text for one in those if one.message and one.message.text] for those in taken]

    assert talked(service, poll) == [["一", "二", "三"], ["二"], ["二", "三"]]


def test_a_poll_waits_for_what_comes(service: Emulator) -> None:
    async def poll(bot: Bot) -> int:
        waiting = asyncio.create_task(bot.get_updates(timeout=20))
        await asyncio.to_thread(service.wait, lambda: service.polls == 1)
        service.say(ME, "来了")
        return len(await waiting)

    assert talked(service, poll) == 1


def test_two_pollers_are_in_conflict(service: Emulator) -> None:
    async def poll(bot: Bot) -> None:
        first = asyncio.create_task(bot.get_updates(timeout=20))
        await asyncio.to_thread(service.wait, lambda: service.polls == 1)
        async with Bot(TOKEN, base_url=api(service.base_url)) as other:
            await other.get_updates(timeout=0)
        await first

    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        talked(service, poll)


def test_only_what_is_asked_for_comes(service: Emulator) -> None:
    service.say(ME, "一")
    service.press(ME, "x")
    (only,) = talked(service, lambda bot: bot.get_updates(allowed_updates=["callback_query"]))
    assert only.callback_query.data == "x"


def test_a_press_is_answered_once(service: Emulator) -> None:
    service.press(ME, "x")
    (pressed,) = talked(service, lambda bot: bot.get_updates())
    talked(service, lambda bot: bot.answer_callback_query(pressed.callback_query.id))
    with pytest.raises(BadRequest, match="too old"):
        talked(service, lambda bot: bot.answer_callback_query(pressed.callback_query.id))


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        pytest.param(BAD_GATEWAY, NetworkError, id="502"),
        pytest.param(SLOW_DOWN, RetryAfter, id="429"),
        pytest.param(DROP, NetworkError, id="a cut connection"),
    ],
)
def test_it_fails_when_asked_to(service: Emulator, failure: Any, kind: type[TelegramError]) -> None:
    service.fail("sendMessage", failure)
    with pytest.raises(kind) as failed:
        talked(service, lambda bot: bot.send_message(ME, "州"))
    assert type(failed.value) is kind
    talked(service, lambda bot: bot.send_message(ME, "州"))
    assert len(service.sent) == 1


def test_another_token_is_refused(service: Emulator) -> None:
    with pytest.raises(InvalidToken):
        talked(service, lambda bot: bot.get_me(), token=f"{TOKEN}x")
