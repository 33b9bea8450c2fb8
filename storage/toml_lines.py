"""Where in a TOML file each section and key stands, so that a mistake can be pointed at."""

import re
from collections.abc import Mapping

_SECTION = re.compile(r"\s*(\[\[?)\s*(?P<name>[^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*(?P<key>"[^"]*"|'[^']*'|[^\s=#"']+)\s*=""")
_QUOTES = re.compile(r'"""|\'\'\'')


def positions(text: str) -> Mapping[str, int]:
    """Return the line, from 1, of each section and of each key under its section: `office.email`.

    The sections of an array are numbered from 0: `[[counties]]` is `counties.0`. `text` is valid TOML.
    """
    found: dict[str, int] = {}
    seen: dict[str, int] = {}
    section, quoted = "", False
    for number, line in enumerate(text.split("\n"), start=1):
        if not quoted:
            section = _section(line, seen) or section
            match = _KEY.match(line)
            key = match["key"].strip("\"'") if match else ""
            found.setdefault(".".join(part for part in (section, key) if part), number)
        # A text over several lines opens and closes with three quotes; nothing in it is a key.
        quoted ^= len(_QUOTES.findall(line)) % 2 == 1
    return found


def place(lines: Mapping[str, int], key: str) -> int | None:
    """Return the line of `key`, or of the section it is missing from; None if that is missing too."""
    while key:
        for written in (key, f"{key}.0"):
            if written in lines:
                return lines[written]
        key = key.rpartition(".")[0]
    return None


def _section(line: str, seen: dict[str, int]) -> str | None:
    """Return the name of the section that `line` opens, if it opens one."""
    match = _SECTION.match(line)
    if match is None:
        return None
    name = re.sub(r"\s|[\"']", "", match["name"])
    if match[1] == "[[":
        seen[name] = seen.get(name, -1) + 1
        return f"{name}.{seen[name]}"
    return name


def syntax_line(message: str, text: str) -> int:
    """Return the line that a `tomllib.TOMLDecodeError` speaks of; the last one for the file's end."""
    match = re.search(r"at line (\d+)", message)
    return int(match[1]) if match else max(1, len(text.rstrip().split("\n")))
