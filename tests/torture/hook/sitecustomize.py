"""Kills `shenbao serve` with SIGKILL at a named place: SHENBAO_DIES_AT is `file:function:call|return[:caller]`.

Python imports this module by itself where this folder is on PYTHONPATH. Nothing of the program is
changed: the interpreter's own profile hook watches its calls, in every thread but the main one, which
only waits. SHENBAO_DIES_AFTER (0) is how many times the place is passed unharmed.
"""

import os
import signal
import sys
import threading
from types import FrameType

PLACE = os.environ.get("SHENBAO_DIES_AT", "")


def _watch(place: str, spared: int) -> None:
    file, function, event, caller = (*place.split(":"), "")[:4]
    count = 0

    def watch(frame: FrameType, happened: str, _argument: object) -> None:
        nonlocal count
        if happened != event or frame.f_code.co_qualname != function:
            return
        if not frame.f_code.co_filename.endswith(file):
            return
        if caller and (frame.f_back is None or frame.f_back.f_code.co_name != caller):
            return
        count += 1
        if count > spared:
            os.kill(os.getpid(), signal.SIGKILL)

    threading.setprofile(watch)


# Its readers are processes of their own, and no part of what is tortured here.
if PLACE and "serve" in sys.orig_argv:
    _watch(PLACE, int(os.environ.get("SHENBAO_DIES_AFTER", "0")))
