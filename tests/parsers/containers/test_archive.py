"""Every member by the name it was given, and no archive takes more than its budget."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.containers.archive import MOST_BYTES, BombError, Budget, Member, Opened, is_container, unpack
from parsers.documents import Archive, Facts, Unreadable, Why
from tests.build import archives


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return file.getvalue()


def flagged(data: bytes, *, on: bool) -> bytes:
    """Return the zip `data` with the UTF-8 flag of its first member set or cleared."""
    patched = bytearray(data)
    for magic, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        patched[data.index(magic) + offset] = 0x08 if on else 0
    return bytes(patched)


def special(mode: int, name: str = "link", content: bytes = b"/etc/passwd") -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = mode << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr(entry, content)
    return file.getvalue()


def with_unicode_path(raw: bytes, meant: str) -> bytes:
    field = b"\x01" + zlib.crc32(raw).to_bytes(4, "little") + meant.encode()
    entry = zipfile.ZipInfo(raw.decode())
    entry.extra = struct.pack("<HH", 0x7075, len(field)) + field
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr(entry, b"x")
    return file.getvalue()


def overlapping(times: int) -> bytes:
    """Return a small zip of `times` members that are all the same megabyte."""
    data = zipped({"00000": bytes(1024 * 1024)})
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entries = b"".join(data[at:end].replace(b"00000", b"%05d" % number) for number in range(times))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(entries), at, 0)
    return data[:at] + entries + tail


def nested(depth: int, content: Mapping[str, bytes]) -> bytes:
    data = zipped(content)
    for level in range(depth - 1, 0, -1):
        data = zipped({f"{level}.zip": data})
    return data


def paths(opened: Opened) -> list[str]:
    return [member.path for member in opened.members]


def why(facts: object) -> Why | None:
    part = facts.parts[0] if isinstance(facts, Facts) else None
    return part.why if isinstance(part, Unreadable) else None


def only(data: bytes) -> Member:
    (member,) = unpack(data, "a.zip").members
    return member


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8"])
@pytest.mark.parametrize("name", ["谯城/申报表（终稿）.docx", "联通.txt", "亳州·㐂.pdf", "plain.txt"])
def test_names_as_they_were_meant(encoding: str, name: str) -> None:
    if encoding == "gbk" and "㐂" in name:
        encoding = "gb18030"
    opened = unpack(archives.zipped([(name, b"x")], encoding), "材料.zip")
    assert opened.members == (Member(path=f"材料.zip/{name}", data=b"x"),)


def test_utf_8_without_its_flag() -> None:
    data = flagged(archives.zipped([("谯城/申报表.docx", b"x")], "utf-8"), on=False)
    assert only(data).path == "a.zip/谯城/申报表.docx"


def test_the_utf_8_flag_over_gbk() -> None:
    data = flagged(archives.zipped([("谯城/申报表.docx", b"x")], "gbk"), on=True)
    assert only(data) == Member(path="a.zip/谯城/申报表.docx", data=b"x")


def test_local_name_in_another_encoding() -> None:
    gbk = archives.zipped([("申报表.docx", b"x")], "gbk")
    at = gbk.index(b"PK\x01\x02")
    other = gbk[:at].replace("申报表".encode("gbk"), b"\x82\x83\x84\x85\x86\x87") + gbk[at:]
    assert only(other) == Member(path="a.zip/申报表.docx", data=b"x")


def test_unicode_path_field_wins() -> None:
    assert only(with_unicode_path(b"??.txt", "申报.txt")).path == "a.zip/申报.txt"


def test_backslashes_are_folders() -> None:
    assert only(archives.zipped([("dir\\a.txt", b"x")])).path == "a.zip/dir/a.txt"


def test_what_systems_leave_behind_is_no_member() -> None:
    left = (
        "__MACOSX/._a.txt",
        ".DS_Store",
        "d/Thumbs.db",
        "DESKTOP.INI",
        "~$报表.docx",
        ".~lock.a.docx#",
        "d/",
    )
    assert paths(unpack(zipped(dict.fromkeys((*left, "a.txt"), b"x")), "a.zip")) == ["a.zip/a.txt"]


def test_inner_containers_are_listed_and_opened() -> None:
    inner = zipped({"b.txt": b"b", "c.txt": b"c"})
    opened = unpack(zipped({"a.txt": b"a", "in.zip": inner, "d.txt": b"d"}), "o.zip")
    assert paths(opened) == [
        "o.zip/a.txt",
        "o.zip/in.zip",
        "o.zip/in.zip/b.txt",
        "o.zip/in.zip/c.txt",
        "o.zip/d.txt",
    ]
    assert opened.facts.parts == (Archive(members=3),)
    listed = opened.members[1]
    assert listed.data == inner
    assert listed.facts is not None
    assert listed.facts.parts == (Archive(members=2),)


def test_a_document_is_not_a_container() -> None:
    data = zipped({"[Content_Types].xml": b"wordprocessingml.document.main+xml", "word/document.xml": b""})
    assert not is_container(data)
    assert only(zipped({"a.docx": data})) == Member(path="a.zip/a.docx", data=data)


def test_three_levels_open_and_a_fourth_does_not() -> None:
    opened = unpack(nested(4, {"a.txt": b"x"}), "0.zip")
    assert paths(opened) == ["0.zip/1.zip", "0.zip/1.zip/2.zip", "0.zip/1.zip/2.zip/3.zip"]
    assert why(opened.members[-1].facts) == Why.UNSAFE
    assert paths(unpack(nested(3, {"a.txt": b"x"}), "0.zip"))[-1] == "0.zip/1.zip/2.zip/a.txt"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(archives.climbing(), Why.UNSAFE, id="climbs out"),
        pytest.param(zipped({"/etc/a.txt": b"x"}), Why.UNSAFE, id="absolute"),
        pytest.param(zipped({"..\\a.txt": b"x"}), Why.UNSAFE, id="climbs out by backslash"),
        pytest.param(zipped({"C:\\a.txt": b"x"}), Why.UNSAFE, id="on a drive"),
        pytest.param(special(stat.S_IFLNK | 0o777), Why.UNSAFE, id="symbolic link"),
        pytest.param(special(stat.S_IFBLK | 0o600), Why.UNSAFE, id="device"),
        pytest.param(archives.locked([("a.txt", b"x" * 20)]), Why.ENCRYPTED, id="encrypted"),
    ],
)
def test_a_refused_member_is_named_alone(data: bytes, reason: Why) -> None:
    opened = unpack(data, "a.zip")
    assert opened.facts.type == "archive"
    (member,) = opened.members
    assert (why(member.facts), member.data) == (reason, None)
    assert ".." not in member.path


def test_a_member_with_a_wrong_checksum_is_damaged_alone() -> None:
    data = zipped({"a.txt": b"first", "b.txt": b"second"}, zipfile.ZIP_STORED).replace(b"first", b"frist")
    damaged, sound = unpack(data, "a.zip").members
    assert (why(damaged.facts), sound.data) == (Why.CORRUPT, b"second")


def test_a_rare_compression_is_asked_for_again() -> None:
    data = zipped({"a.txt": b"x" * 99}).replace(b"\x08\x00", b"\x09\x00")
    assert why(only(data).facts) == Why.UNSUPPORTED


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(archives.bomb(80), Why.UNSAFE, id="swells a thousand times"),
        pytest.param(
            nested(2, {f"{n}": bytes(3 * 1024**2) for n in range(9)}), Why.UNSAFE, id="swells inside"
        ),
        pytest.param(overlapping(200), Why.UNSAFE, id="members share their bytes"),
        pytest.param(zipped({f"{n}.txt": b"" for n in range(1001)}), Why.UNSAFE, id="too many members"),
        pytest.param(
            zipped({f"{n}.zip": zipped({f"{m}": b"" for m in range(400)}) for n in range(3)}),
            Why.UNSAFE,
            id="too many members in the whole tree",
        ),
        pytest.param(b"PK\x03\x04" + b"PK\x01\x02" * 20_000, Why.UNSAFE, id="a directory without end"),
        pytest.param(archives.truncated(zipped({"a": b"x" * 99})), Why.CORRUPT, id="cut off"),
        pytest.param(b"PK\x03\x04", Why.CORRUPT, id="only a magic number"),
    ],
)
def test_refused_as_a_whole(data: bytes, reason: Why) -> None:
    opened = unpack(data, "a.zip")
    assert why(opened.facts) == reason
    assert opened.members == ()


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"blank.bmp": b"BM" + bytes(9 * 1024**2)}, id="a blank page as BMP"),
        pytest.param({f"{n}.txt": b"x" for n in range(1000)}, id="a thousand files"),
        pytest.param({}, id="nothing"),
    ],
)
def test_an_honest_archive_is_opened(members: Mapping[str, bytes]) -> None:
    opened = unpack(zipped(members), "a.zip")
    assert opened.facts.parts == (Archive(members=len(members)),)
    assert [member.data for member in opened.members] == list(members.values())


def test_bytes_are_counted_over_the_whole_tree() -> None:
    budget = Budget(packed=MOST_BYTES)
    for _ in range(300):
        budget.output(MOST_BYTES // 300)
    with pytest.raises(BombError, match="300 MB"):
        budget.output(1)


SAMPLE = archives.zipped([("谯城/申报表.docx", b"x" * 50), ("b.zip", zipped({"c": b"c" * 90}))])


@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_damage_is_a_value(patches: list[tuple[int, int]]) -> None:
    data = bytearray(SAMPLE)
    for at, byte in patches:
        data[at] = byte
    assert unpack(bytes(data), "a.zip").facts.type in {"archive", "unreadable"}


@given(st.binary(max_size=300))
def test_any_bytes_are_a_value(data: bytes) -> None:
    assert unpack(b"PK\x03\x04" + data, "a.zip").facts.type in {"archive", "unreadable"}
