import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from shenbao.__main__ import run

SCHEMA = json.loads((Path(__file__).parent.parent / "material" / "contract.schema.json").read_text("utf-8"))


class Ran(NamedTuple):
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def fits(self, definition: str) -> list[dict[str, Any]]:
        """Return the JSON lines, each checked against the contract's definition of this name."""
        validator = jsonschema.Draft202012Validator(
            {"$ref": f"#/$defs/{definition}", "$defs": SCHEMA["$defs"]},
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )
        for line in self.lines:
            validator.validate(line)
        return self.lines


Shenbao = Callable[..., Ran]


@pytest.fixture
def shenbao(capsys: pytest.CaptureFixture[str]) -> Shenbao:
    def ran(*arguments: object) -> Ran:
        status = run([str(one) for one in arguments])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return ran
