"""RAR, 7z, tar and winmail.dat open like a zip, within the same budgets, and refuse what a zip refuses."""

import bz2
import gzip
import io
import lzma
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import rars
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.containers.archive import MOST_BYTES, Opened, is_container, unpack
from parsers.documents import Archive, Facts, Unreadable, Why
from parsers.reader import read
from tests.build import archives
from tests.build.tnef import Attached, winmail

MATERIAL = Path(__file__).parent.parents[1] / "material" / "archives"
CONTENT = {"谯城/申报表.txt": b"first line\n" * 40, "b.txt": b"b", "empty.txt": b""}
GOOD_7Z = ("lzma2", "lzma", "bzip2", "deflate", "copy", "apart", "plain-header")


def material(name: str) -> bytes:
    return (MATERIAL / name).read_bytes()


def contents(opened: Opened) -> Mapping[str, bytes | None]:
    return {member.path.partition("/")[2]: member.data for member in opened.members}


def why(facts: Facts | None) -> Why | None:
    part = facts.parts[0] if facts else None
    return part.why if isinstance(part, Unreadable) else None


def reasons(opened: Opened) -> Mapping[str, Why | None]:
    return {member.path.partition("/")[2]: why(member.facts) for member in opened.members}


def rarred(members: Mapping[str, bytes], **settings: object) -> bytes:
    builder = rars.RarBuilder(**settings)
    for name, content in members.items():
        builder.add_bytes(content, name)
    return bytes(builder.to_bytes())


def tarred(members: Mapping[str, bytes], format_: int = tarfile.PAX_FORMAT, encoding: str = "utf-8") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format_, encoding=encoding) as opened:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            opened.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def tar_of(kind: bytes, name: str = "link", target: str = "/etc/passwd") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as opened:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, target
        opened.addfile(entry)
    return file.getvalue()


def with_gbk_name(name: str) -> bytes:
    """Return a RAR 4 archive whose only name is bare GBK, as old programs other than WinRAR wrote it."""
    raw = name.encode("gbk")
    stand_in = "x" * len(raw)
    data = bytearray(rarred({stand_in: b"hello"}, format="rar29"))
    at = data.index(stand_in.encode())
    data[at : at + len(raw)] = raw
    start = at - 32
    size = int.from_bytes(data[start + 5 : start + 7], "little")
    checksum = zlib.crc32(bytes(data[start + 2 : start + size])) & 0xFFFF
    data[start : start + 2] = checksum.to_bytes(2, "little")
    return bytes(data)


@pytest.mark.parametrize("name", GOOD_7Z)
def test_a_7z_of_every_usual_method(name: str) -> None:
    opened = unpack(material(f"{name}.7z"), "材料.7z")
    assert contents(opened) == CONTENT
    assert opened.facts.parts == (Archive(members=3),)


@pytest.mark.parametrize("solid", [False, True])
@pytest.mark.parametrize("format_", ["rar15", "rar20", "rar29", "rar50", "rar70"])
def test_a_rar_of_every_age(format_: str, *, solid: bool) -> None:
    members = {"qc/a.txt": b"first line\n" * 40, "b.txt": b"b" * 999} if format_ < "rar29" else dict(CONTENT)
    opened = unpack(rarred(members, format=format_, solid=solid), "材料.rar")
    assert contents(opened) == members


@pytest.mark.parametrize(
    ("name", "count"),
    [
        pytest.param("rar202-comment-nopsw.rar", 2, id="RAR 2"),
        pytest.param("rar3-solid.rar", 2, id="RAR 3, solid"),
        pytest.param("rar3-subdirs.rar", 4, id="RAR 3 with folders"),
        pytest.param("rar5-solid-qo.rar", 4, id="RAR 5, solid, with its quick list"),
        pytest.param("rar5-hlink.rar", 3, id="RAR 5 with files saved once"),
        pytest.param("unicode.rar", 2, id="names beyond the basic plane"),
    ],
)
def test_rars_that_winrar_made(name: str, count: int) -> None:
    opened = unpack(material(name), name)
    assert opened.facts.parts == (Archive(members=count),)
    assert all(member.data for member in opened.members)


def test_rar_names_as_they_were_meant() -> None:
    assert "sub/üȵĩöḋè/file.txt" in contents(unpack(material("rar3-subdirs.rar"), "a.rar"))
    assert "𝐀𝐁𝐁𝐂.txt" in contents(unpack(material("unicode.rar"), "a.rar"))
    assert contents(unpack(with_gbk_name("谯城申报表.txt"), "a.rar")) == {"谯城申报表.txt": b"hello"}


@pytest.mark.parametrize(
    ("pack", "name"),
    [
        pytest.param(bytes, "a.tar", id="tar"),
        pytest.param(gzip.compress, "a.tar.gz", id="gzip"),
        pytest.param(bz2.compress, "a.tbz", id="bzip2"),
        pytest.param(lzma.compress, "a.tar.xz", id="xz"),
        pytest.param(lambda data: lzma.compress(data) + bytes(20), "a.txz", id="xz with padding"),
        pytest.param(
            lambda data: gzip.compress(data[:600]) + gzip.compress(data[600:]), "a.tgz", id="two in one"
        ),
    ],
)
@pytest.mark.parametrize("format_", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tars(pack: Callable[[bytes], bytes], name: str, format_: int) -> None:
    assert contents(unpack(pack(tarred(CONTENT, format_)), name)) == CONTENT


def test_a_tar_with_gbk_names() -> None:
    assert contents(unpack(tarred(CONTENT, tarfile.GNU_FORMAT, "gbk"), "a.tar")) == CONTENT


@pytest.mark.parametrize("name", ["说明.txt.gz", "谯城/说明.txt.gz"])
def test_one_packed_file_alone(name: str) -> None:
    data = archives.zipped([(name, gzip.compress(b"hello"))])
    assert contents(unpack(data, "a.zip"))[f"{name}/说明.txt"] == b"hello"


@pytest.mark.parametrize(
    ("attached", "name"),
    [
        pytest.param(Attached("申报表.txt".encode("gbk"), b"x"), "申报表.txt", id="GBK title"),
        pytest.param(
            Attached(b"SBB~1.TXT", b"x", "申报表（终稿）.txt"), "申报表（终稿）.txt", id="long name wins"
        ),
        pytest.param(Attached(b"", b"x"), "附件1", id="no name at all"),
    ],
)
def test_winmail_dat(attached: Attached, name: str) -> None:
    assert contents(unpack(winmail([attached], b"body"), "winmail.dat")) == {name: b"x"}


def test_several_files_in_winmail_dat_and_garbage_behind() -> None:
    data = winmail([Attached(b"a.txt", b"a"), Attached(b"b.txt", b"b", "c.txt")]) + b"\r\n\r\n"
    assert contents(unpack(data, "winmail.dat")) == {"a.txt": b"a", "c.txt": b"b"}


def test_containers_of_every_kind_inside_each_other() -> None:
    inner = winmail([Attached(b"b.txt", b"b")])
    data = archives.zipped(
        [("a.rar", rarred({"w.dat": inner, "c.txt": b"c"})), ("l.7z", material("lzma2.7z"))]
    )
    opened = contents(unpack(data, "o.zip"))
    assert list(opened)[:4] == ["a.rar", "a.rar/w.dat", "a.rar/w.dat/b.txt", "a.rar/c.txt"]
    assert opened["a.rar/w.dat/b.txt"] == b"b"
    assert opened["l.7z/谯城/申报表.txt"] == CONTENT["谯城/申报表.txt"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(material("locked.7z"), Why.ENCRYPTED, id="7z with a password"),
        pytest.param(material("link.7z"), Why.UNSAFE, id="link in a 7z"),
        pytest.param(material("program.7z"), Why.UNSAFE, id="program in a 7z"),
        pytest.param(material("ppmd.7z"), Why.UNSUPPORTED, id="rare method in a 7z"),
        pytest.param(material("rar3-comment-psw.rar"), Why.ENCRYPTED, id="RAR 3 with a password"),
        pytest.param(material("rar5-psw.rar"), Why.ENCRYPTED, id="RAR 5 with a password"),
        pytest.param(tar_of(tarfile.SYMTYPE), Why.UNSAFE, id="symbolic link in a tar"),
        pytest.param(tar_of(tarfile.LNKTYPE), Why.UNSAFE, id="hard link in a tar"),
        pytest.param(tar_of(tarfile.BLKTYPE), Why.UNSAFE, id="device in a tar"),
        pytest.param(tarred({"../../a.txt": b"x"}), Why.UNSAFE, id="climbs out of a tar"),
        pytest.param(tarred({"/etc/a.txt": b"x"}), Why.UNSAFE, id="absolute in a tar"),
        pytest.param(winmail([Attached(b"..\\a.txt", b"x")]), Why.UNSAFE, id="climbs out of winmail.dat"),
        pytest.param(with_gbk_name("../a.txt"), Why.UNSAFE, id="climbs out of a RAR"),
    ],
)
def test_a_refused_member_is_named_alone(data: bytes, reason: Why) -> None:
    opened = unpack(data, "a")
    assert opened.facts.type == "archive"
    assert {why for path, why in reasons(opened).items() if path != "empty.txt"} == {reason}
    assert all(not member.data for member in opened.members)
    assert not any(".." in member.path for member in opened.members)


@pytest.mark.parametrize(
    ("name", "links"),
    [
        pytest.param("rar3-symlink-unix.rar", {"data_link", "random_link"}, id="RAR 3"),
        pytest.param("rar5-evil-symlink-traversal.rar", {"up"}, id="RAR 5, to climb out by"),
        pytest.param("rar5-symlink-win.rar", {"links/bad_link", "links/file_link"}, id="RAR 5 on Windows"),
    ],
)
def test_links_in_a_rar_are_refused(name: str, links: set[str]) -> None:
    refused = {path for path, why in reasons(unpack(material(name), name)).items() if why == Why.UNSAFE}
    assert refused == links


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(material("locked-names.7z"), Why.ENCRYPTED, id="7z with locked names"),
        pytest.param(material("rar3-comment-hpsw.rar"), Why.ENCRYPTED, id="RAR 3 with locked names"),
        pytest.param(material("rar5-hpsw.rar"), Why.ENCRYPTED, id="RAR 5 with locked names"),
        pytest.param(material("bomb.7z"), Why.UNSAFE, id="7z bomb"),
        pytest.param(rarred({"zeros": bytes(30_000_000)}), Why.UNSAFE, id="RAR bomb"),
        pytest.param(
            rarred({"a": bytes(8_000_000), "b": bytes(8_000_000)}, solid=True),
            Why.UNSAFE,
            id="solid RAR bomb",
        ),
        pytest.param(gzip.compress(bytes(30_000_000)), Why.UNSAFE, id="gzip bomb"),
        pytest.param(lzma.compress(bytes(30_000_000)), Why.UNSAFE, id="xz bomb"),
        pytest.param(tarred({f"{n}": b"" for n in range(1001)}), Why.UNSAFE, id="too many members in a tar"),
        pytest.param(archives.truncated(material("lzma2.7z")), Why.CORRUPT, id="7z cut off"),
        pytest.param(archives.truncated(material("rar3-subdirs.rar")), Why.CORRUPT, id="RAR cut off"),
        pytest.param(gzip.compress(b"x" * 999)[:-12], Why.CORRUPT, id="gzip cut off"),
        pytest.param(winmail([Attached(b"a", b"x" * 99)])[:-50], Why.CORRUPT, id="winmail.dat cut off"),
        pytest.param(b"7z\xbc\xaf\x27\x1c\0\x04", Why.CORRUPT, id="only 7z's magic number"),
        pytest.param(b"Rar!\x1a\x07\x01\0", Why.CORRUPT, id="only RAR's magic number"),
        pytest.param(b"\x1f\x8b", Why.CORRUPT, id="only gzip's magic number"),
    ],
)
def test_refused_as_a_whole(data: bytes, reason: Why) -> None:
    opened = unpack(data, "a")
    assert (why(opened.facts), opened.members) == (reason, ())
    assert is_container(data)


def test_a_damaged_member_of_a_7z_is_damaged_alone() -> None:
    data = material("copy.7z").replace(b"first line", b"frist line", 1)
    assert reasons(unpack(data, "a.7z")) == {"谯城/申报表.txt": Why.CORRUPT, "b.txt": None, "empty.txt": None}


def test_a_part_of_a_rar_in_volumes_is_asked_for_whole(tmp_path: Path) -> None:
    builder = rars.RarBuilder(format="rar50", store=True, volume_size=2000)
    builder.add_bytes(bytes(range(256)) * 20, "a.bin")
    builder.write_volumes(tmp_path / "a.part1.rar")
    parts = sorted(tmp_path.iterdir())
    assert len(parts) > 2
    for part in parts:
        assert set(reasons(unpack(part.read_bytes(), part.name)).values()) == {Why.CORRUPT}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(material("lzma2.7z")[:60], "材料.7z.001", id="first of a 7z"),
        pytest.param(material("lzma2.7z")[60:], "材料.7z.002", id="second of a 7z, which has no mark"),
        pytest.param(archives.zipped([("a", b"x" * 99)])[:80], "材料.z01", id="first of a zip"),
        pytest.param(
            b"PK\x07\x08" + archives.zipped([("a", b"x" * 99)])[:80], "材料.z01", id="marked as such"
        ),
        pytest.param(
            archives.zipped([("a", b"x" * 99)])[:80], "材料.zip.001", id="zip cut by another program"
        ),
    ],
)
def test_one_volume_of_an_archive_is_told(data: bytes, name: str) -> None:
    part = read(data, name).parts[0] if not is_container(data) else unpack(data, name).facts.parts[0]
    assert isinstance(part, Unreadable)
    assert part.why is Why.CORRUPT
    assert "分卷" in part.note
    assert "不分卷的 zip" in part.note


def test_without_its_library_a_rar_is_asked_for_as_zip() -> None:
    code = (
        "import sys; sys.modules['rars'] = None; from pathlib import Path; from parsers.containers.archive import unpack;"
        "part = unpack(Path(sys.argv[1]).read_bytes(), 'a.rar').facts.parts[0]; print(part.why, part.note)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, str(MATERIAL / "rar3-solid.rar")],
        capture_output=True,
        text=True,
        check=True,
        cwd=MATERIAL.parents[2],
    )
    assert shown.stdout.startswith("unsupported")
    assert "zip" in shown.stdout


SAMPLES = [
    material("lzma2.7z"),
    material("plain-header.7z"),
    material("apart.7z"),
    material("rar3-subdirs.rar"),
    material("rar5-solid-qo.rar"),
    tarred(CONTENT),
    gzip.compress(tarred(CONTENT)),
    winmail([Attached(b"a.txt", b"a" * 50, "b.txt"), Attached(b"c.txt", b"c")]),
]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
    st.floats(0.3, 1),
)
def test_damage_is_a_value(sample: bytes, patches: list[tuple[float, int]], kept: float) -> None:
    data = bytearray(sample)
    for where, byte in patches:
        data[int(where * len(data))] = byte
    opened = unpack(bytes(data[: int(len(data) * kept)]), "a")
    assert opened.facts.type in {"archive", "unreadable"}
    assert sum(len(member.data or b"") for member in opened.members) <= MOST_BYTES
