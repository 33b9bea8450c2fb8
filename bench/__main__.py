"""`make bench`: each part prints a table of figures of this one run; compare columns, never runs."""

import os
import platform
import sys

from rich.console import Console

from bench import bot, cluster, latency, line, mail, many, parse, reading, start, store

PARTS = {
    "bot": bot.run,
    "cluster": cluster.run,
    "latency": latency.run,
    "line": line.run,
    "mail": mail.run,
    "many": many.run,
    "parse": parse.run,
    "reading": reading.run,
    "start": start.run,
    "store": store.run,
}


def main() -> None:
    """Run the parts that are named, or all."""
    console = Console(highlight=False)
    console.print(
        f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"
    )
    for name in sys.argv[1:] or list(PARTS):
        console.print(PARTS[name]())


if __name__ == "__main__":
    main()
