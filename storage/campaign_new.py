"""A new year's campaign file, made from another's text with the terms that change."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from storage import toml_lines
from storage.campaign_file import redated

Value = str | int
_EXTENSION = re.compile(r"^\[\[extensions\]\]\n(?:[^\[\n].*\n|\n)*", re.MULTILINE)


def renewed(text: str, *, name: str, opens: datetime, deadline: datetime, terms: Mapping[str, Value]) -> str:
    """Return the campaign file `text` under another name, with other dates and with `terms` by key: `quota.direct`.

    What stands beside a changed value as a comment spoke of the old one and goes, and so do the extensions; raises
    KeyError for a key that `text` does not have on a line of its own.
    """
    lines = redated(_EXTENSION.sub("", text), opens=opens, deadline=deadline, name=name).split("\n")
    where = toml_lines.positions("\n".join(lines))
    for key in ("dates.opens", "dates.deadline", "dates.deadline_text"):
        lines[where[key] - 1] = _uncommented(lines[where[key] - 1])
    for key, value in terms.items():
        at = where[key] - 1
        lines[at] = f"{key.rpartition('.')[2]} = {json.dumps(value, ensure_ascii=False)}"
    if lines[0].startswith("#") and (title := terms.get("campaign.title")):
        lines[0] = f"# {title}：通知里的每一项规定，旁边是它的出处。"
    return "\n".join(lines)


def _uncommented(line: str) -> str:
    return re.sub(r"\s+#[^\"]*$", "", line)
