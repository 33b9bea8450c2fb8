"""The members of a RAR archive of any age, by `rars`; where there is no `rars`, a zip is asked for.

`rars` unpacks in memory and checks every checksum; the budget limits what it may put out.
"""

import contextlib
import functools
import importlib
import stat
from collections.abc import Iterator, Mapping
from typing import Any

from parsers.containers.budget import MOST_MEMBERS, BombError, Budget, Entry
from parsers.containers.names import decoded
from parsers.documents import Why
from parsers.refusal import Refused

NO_PROGRAM = "暂不能打开 rar 压缩包，请改用 zip 格式压缩，或直接报送其中的文件"
LOCKED = "压缩包设有密码，请去掉密码后重新压缩"
WHOLE_DAMAGED = "压缩包已损坏或不完整（也可能是分卷压缩包的一部分）"
MEMBER_DAMAGED = "压缩包内的这个文件已损坏，或者只是分卷压缩包的一部分"
LARGEST_DICTIONARY = 512 * 1024 * 1024  # bytes; WinRAR's own choice is 32 MB
REPARSE_POINT = 0x400
UNIX_HOSTS = {"rar15_40": 3, "rar50_plus": 1}


def entries(data: bytes, _name: str, budget: Budget) -> Iterator[Entry]:
    """Yield the files in the RAR archive `data`; raises `Refused` where it cannot be opened."""
    rars = _library()
    with _told(rars, WHOLE_DAMAGED):
        opened = rars.RarFile.from_bytes(data, options=_options(rars, budget))
        listed = [info for info in opened.infolist() if not info.is_dir()]
    wanted = [info for info in listed if _refusal(opened, info) is None and not _copied(rars, opened, info)]
    solid = any(info.is_solid for info in wanted)
    together = functools.cache(lambda: _together(rars, opened, wanted, budget)) if solid else None
    by_name = {info.filename: info for info in wanted}
    for info in listed:
        original = by_name.get(_copied(rars, opened, info), info)
        content = functools.partial(_content, rars, opened, original, budget, together)
        yield Entry(_path(info.orig_filename_bytes), content)


def _path(raw: bytes) -> str:
    # WinRAR writes Unicode beside every name that is not ASCII; only other programs leave the bare GBK.
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return decoded(raw)


def _library() -> Any:
    try:
        return importlib.import_module("rars")
    except ImportError as error:
        raise Refused(Why.UNSUPPORTED, NO_PROGRAM) from error


def _options(rars: Any, budget: Budget) -> Any:
    return rars.ReadOptions(
        max_header_count=MOST_MEMBERS * 10,
        max_member_output_bytes=max(1, budget.left()),
        max_total_output_bytes=max(1, budget.left()),
        rar50_dictionary_size_limit=LARGEST_DICTIONARY,
    )


@contextlib.contextmanager
def _told(rars: Any, damaged: str) -> Iterator[None]:
    """Turn what `rars` raises into `Refused` and `BombError`."""
    try:
        yield
    except MemoryError as error:  # its word for one of the limits above
        raise BombError("压缩包解开后过大，疑似压缩炸弹") from error
    except (rars.PasswordRequired, rars.BadPassword) as error:
        raise Refused(Why.ENCRYPTED, LOCKED) from error
    except (rars.Error, ValueError, KeyError, OSError, RuntimeError) as error:
        raise Refused(Why.CORRUPT, damaged) from error


def _refusal(opened: Any, info: Any) -> Refused | None:
    """Return why `info` must not be taken out, or None."""
    if _is_link(opened, info):
        return Refused(Why.UNSAFE, "压缩包内有链接或设备文件")
    if info.is_encrypted:
        return Refused(Why.ENCRYPTED, LOCKED)
    return Refused(Why.CORRUPT, MEMBER_DAMAGED) if info.is_split_before or info.is_split_after else None


def _is_link(opened: Any, info: Any) -> bool:
    attributes = info.file_attr or 0
    if info.host_os == UNIX_HOSTS.get(opened.family):
        return stat.S_IFMT(attributes) not in {0, stat.S_IFREG}
    return bool(attributes & REPARSE_POINT)


def _copied(rars: Any, opened: Any, info: Any) -> str:
    """Return the name of the member that `info` only refers to, as RAR 5 saves identical files if asked."""
    if _is_link(opened, info) or info.compress_size:
        return ""
    try:
        return bytes(opened.readlink(info)).decode("utf-8", "replace")
    except (rars.Error, KeyError):
        return ""


def _together(rars: Any, opened: Any, wanted: list[Any], budget: Budget) -> Mapping[int, bytes]:
    """Return the contents of a solid archive by member, since each rests on all before it."""
    budget.output(sum(info.file_size or 0 for info in wanted))
    with _told(rars, WHOLE_DAMAGED):
        read = opened.read_many(wanted, options=_options(rars, budget))
    return {info.member_index: bytes(content) for info, content in zip(wanted, read, strict=True)}


def _content(rars: Any, opened: Any, info: Any, budget: Budget, together: Any) -> bytes:
    if refused := _refusal(opened, info):
        raise refused
    if together is not None:
        content: bytes = together()[info.member_index]
        return content
    declared = info.file_size or 0
    if declared > budget.left():
        budget.output(declared)
    with _told(rars, MEMBER_DAMAGED):
        content = opened.read(info, options=_options(rars, budget))
    budget.output(len(content))
    return content
