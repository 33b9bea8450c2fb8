"""What `serve` writes on standard error: one line an event, as text or as JSON, never a secret."""

import json
import logging
import sys
from datetime import datetime

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
QUIET = ("httpx", "httpcore", "telegram", "mail.log", "aiosmtpd", "pdfminer", "PIL", "pebble", "asyncio")


class JsonLines(logging.Formatter):
    """One JSON object a line: `at`, `level`, `event`, and what the event carries."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(entry(self, record), ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """A line for a person: time, event and its values."""

    def format(self, record: logging.LogRecord) -> str:
        told = entry(self, record)
        fault = told.pop("fault", "")
        values = " ".join(
            f"{key}={_shown(value)}" for key, value in told.items() if key not in ("at", "level", "event")
        )
        return f"{told['at']} {told['event']} {values}{chr(10) + str(fault) if fault else ''}".rstrip()


def _shown(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def entry(formatter: logging.Formatter, record: logging.LogRecord) -> dict[str, object]:
    """Return the event and its values."""
    at = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
    told: dict[str, object] = {"at": at, "level": record.levelname.lower(), "event": record.getMessage()}
    told |= {key: value for key, value in vars(record).items() if key not in PLAIN}
    if record.exc_info:
        told["fault"] = formatter.formatException(record.exc_info)
    return told


def start(*, as_json: bool) -> None:
    """Send all events to standard error; other libraries only speak of what they cannot do."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else TextLines())
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
