"""The bot in a terminal: a command a line until the end of input, no login."""

from collections.abc import Callable, Iterable

import msgspec

from bot.access import Answer, Desk, Person
from bot.commands import answer


def chat(
    desk: Desk, person: Person, lines: Iterable[str], write: Callable[[str], None], *, as_json: bool = False
) -> None:
    """Answer each line that is not empty, as text or as `{"command","text"}` on one line."""
    for line in lines:
        # A terminal hands on bytes that are not UTF-8 as lone surrogates, which cannot be written again.
        command = line.encode("utf-8", "replace").decode().strip("\ufeff \t\r\n\u3000")
        if command:
            write(shown(command, answer(desk, person, command), as_json=as_json))


def shown(command: str, told: Answer, *, as_json: bool) -> str:
    """Return an answer as it stands in a terminal, its buttons as the commands that they are."""
    steps = [f"{one.command}　{one.label}" for row in told.buttons for one in row]
    text = "\n".join([told.text, "", "可以接着发送：", *steps]) if steps else told.text
    return msgspec.json.encode({"command": command, "text": text}).decode() if as_json else text
