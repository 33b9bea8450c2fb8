"""A hostile file costs its own answer and nobody else's; a broken pool is mended, never waited for."""

import io
import multiprocessing
import os
import signal
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future

import pytest

from parsers.documents import Facts, Why, decode, encode
from parsers.workers import TOO_BIG, TOO_LONG, Workers, allowance, refused
from tests.build import archives, forms, licences, work
from tests.build.facts import applicant
from tests.parsers import misdeeds

TIMEOUT = 20


def told(why: Why, note: str) -> str:
    assert note
    return why


def wide_docx() -> bytes:
    """Return a form whose first cell says that it spans twenty million columns."""
    document = '<w:tc><w:tcPr><w:gridSpan w:val="20000000"/></w:tcPr>'
    return reworked(forms.docx(applicant(1)).data, "word/document.xml", "<w:tc>", document)


def heavy_docx() -> bytes:
    """Return a small docx of 80 MB of text."""
    return reworked(
        forms.docx(applicant(1)).data, "word/document.xml", "<w:body>", "<w:body>" + "<w:p/>" * 13_000_000
    )


def long_docx() -> bytes:
    """Return a docx of half a megabyte that takes ten seconds, and is within every budget."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{n * 7919 % 97}</w:t></w:r></w:p>" for n in range(1_000_000))
    return reworked(forms.docx(applicant(1)).data, "word/document.xml", "<w:body>", f"<w:body>{paragraphs}")


def deep_docx() -> bytes:
    deep = "<w:tbl><w:tr><w:tc>" * 2000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 2000
    return reworked(forms.docx(applicant(1)).data, "word/document.xml", "<w:body>", "<w:body>" + deep)


def reworked(data: bytes, part: str, old: str, new: str) -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old.encode(), new.encode(), 1) if name == part else content)
    return file.getvalue()


def huge_png(width: int = 32_000, height: int = 32_000) -> bytes:
    """Return a picture of a few hundred kilobytes that claims a gigapixel of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    packed = zlib.compressobj(9)
    pixels = b"".join(packed.compress(bytes(width * 3 + 1)) for _ in range(height // 50)) + packed.flush()
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("make", "name"),
    [
        pytest.param(wide_docx, "a.docx", id="docx of twenty million columns"),
        pytest.param(heavy_docx, "a.docx", id="docx of 80 MB of text"),
        pytest.param(deep_docx, "a.docx", id="docx of 2,000 tables in each other"),
        pytest.param(huge_png, "a.png", id="picture of a gigapixel"),
        pytest.param(
            lambda: b"<html>" + b"<div>" * 200_000, "a.html", id="page of 200,000 boxes in each other"
        ),
        pytest.param(lambda: archives.bomb(60), "a.zip", id="bomb"),
    ],
)
def test_a_hostile_file_is_a_value(workers: Workers, make: Callable[[], bytes], name: str) -> None:
    data = make()
    facts = workers.read(data, name).result(60)
    assert decode(encode(facts)) == facts
    assert well(workers)


def test_a_bomb_stays_shut(workers: Workers) -> None:
    opened = workers.unpack(archives.bomb(60), "a.zip").result(TIMEOUT)
    assert opened.facts.type == "unreadable"
    assert opened.members == ()


def test_a_container_that_takes_too_much_has_no_members() -> None:
    data = archives.zipped([("a.bin", bytes(range(256)) * 100_000)])
    with Workers(workers=1, memory_mb=1) as workers:
        opened = workers.unpack(data, "a.zip").result(TIMEOUT)
    assert opened.facts == refused(Why.TIMEOUT, TOO_BIG)
    assert opened.members == ()


def test_members_come_back_from_a_process(workers: Workers) -> None:
    data = archives.zipped([("谯城/申报表.docx", b"x")])
    opened = workers.unpack(data, "材料.zip").result(TIMEOUT)
    assert [member.path for member in opened.members] == ["材料.zip/谯城/申报表.docx"]
    assert workers.read(data, "材料.zip").result(TIMEOUT) == opened.facts


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(workers=2, memory_mb=1024, seconds=30) as pool:
        yield pool


def well(workers: Workers) -> bool:
    """Whether the pool still does honest work."""
    futures = [workers.run(abs, -7, otherwise=lambda *_: 0) for _ in range(4)]
    return [future.result(TIMEOUT) for future in futures] == [7, 7, 7, 7]


@pytest.mark.parametrize(
    ("function", "arguments", "why"),
    [
        pytest.param(misdeeds.hang, (60,), Why.TIMEOUT, id="sleeps for ever"),
        pytest.param(misdeeds.spin, (), Why.TIMEOUT, id="computes for ever"),
        pytest.param(misdeeds.grow, (), Why.TIMEOUT, id="wants more memory than it may have"),
        pytest.param(misdeeds.leave, (0,), Why.TIMEOUT, id="ends the process as if all were well"),
        pytest.param(misdeeds.leave, (9,), Why.CORRUPT, id="ends the process"),
        pytest.param(misdeeds.segfault, (), Why.CORRUPT, id="crashes in native code"),
        pytest.param(misdeeds.fail, (), Why.CORRUPT, id="a mistake of the reader"),
        pytest.param(misdeeds.fail_oddly, (), Why.CORRUPT, id="an exception that cannot come back"),
        pytest.param(misdeeds.quit_politely, (), Why.CORRUPT, id="sys.exit"),
        pytest.param(misdeeds.recurse, (), Why.CORRUPT, id="recurses without end"),
        pytest.param(misdeeds.connect, (), Why.CORRUPT, id="asks for the network"),
    ],
)
def test_only_the_hostile_file_suffers(
    workers: Workers, function: Callable[..., str], arguments: tuple[object, ...], why: Why
) -> None:
    future = workers.run(function, *arguments, otherwise=told, seconds=1)
    assert future.result(TIMEOUT) == why
    assert well(workers)


def test_note_tells_place_and_kind_but_no_personal_data(workers: Workers) -> None:
    note = workers.run(misdeeds.fail, otherwise=lambda _, note: note).result(TIMEOUT)
    assert "KeyError" in note
    assert "misdeeds.py" in note
    assert "138" not in note


def test_a_process_that_died_of_another_cause_is_tried_again(workers: Workers, tmp_path: object) -> None:
    assert (
        workers.run(misdeeds.end_if_first, f"{tmp_path}/once", otherwise=told).result(TIMEOUT) == "second try"
    )


def test_processes_compute_with_one_thread_and_leave_ctrl_c_to_the_parent(workers: Workers) -> None:
    assert workers.run(misdeeds.environment, otherwise=lambda *_: ("", False)).result(TIMEOUT) == ("1", True)


def test_a_process_begins_with_what_documents_need_and_without_what_only_pictures_do() -> None:
    names = ("lxml.etree", "pypdfium2", "cv2", "parsers.office.word", "rapidocr")
    with Workers(workers=1) as fresh:
        found = fresh.run(misdeeds.loaded, *names, otherwise=lambda *_: []).result(TIMEOUT)
    assert found == list(names[:-1])


def test_slow_but_honest_neighbours_are_not_hurt_by_a_crash(workers: Workers) -> None:
    slow = workers.run(misdeeds.hang, 1.0, otherwise=told)
    crashed = workers.run(misdeeds.segfault, otherwise=told)
    assert (slow.result(TIMEOUT), crashed.result(TIMEOUT)) == ("done", Why.CORRUPT)


def test_an_idle_process_killed_from_outside_is_replaced() -> None:
    with Workers(workers=1) as workers:
        process = workers.run(os.getpid, otherwise=lambda *_: 0).result(TIMEOUT)
        os.kill(process, signal.SIGKILL)
        time.sleep(0.5)
        assert well(workers)


def test_a_big_file_gets_more_time() -> None:
    assert allowance(10, b"") == 10
    assert allowance(10, bytes(17 * 1024**2)) == 30


def test_each_page_has_its_own_time(workers: Workers) -> None:
    assert workers.run(misdeeds.pages, 3, 0.4, otherwise=told, seconds=0.3, pages=3).result(TIMEOUT) == "done"
    assert (
        workers.run(misdeeds.pages, 2, 9.0, otherwise=told, seconds=0.3, pages=2).result(TIMEOUT)
        == Why.TIMEOUT
    )


def test_a_page_has_only_so_much_cpu() -> None:
    with Workers(workers=1, page_seconds=0) as workers:
        assert workers.run(misdeeds.spin_on_a_page, otherwise=told).result(TIMEOUT) == Why.TIMEOUT
        assert well(workers)


def test_what_overstays_is_not_tried_again(workers: Workers, tmp_path: object) -> None:
    tried = workers.run(misdeeds.stay_if_first, f"{tmp_path}/once", otherwise=told, seconds=0.5)
    assert tried.result(TIMEOUT) == Why.TIMEOUT


def test_leaving_waits_for_what_was_asked() -> None:
    with Workers(workers=1) as workers:
        future = workers.run(misdeeds.hang, 0.5, otherwise=told)
    assert future.done()
    assert future.result(0) == "done"


def test_leaving_by_an_exception_drops_what_was_asked() -> None:
    futures: list[Future[str]] = []

    def interrupted() -> None:
        with Workers(workers=1) as workers:
            futures.extend(workers.run(misdeeds.hang, 30, otherwise=told) for _ in range(3))
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - begun < TIMEOUT
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(TIMEOUT)


def test_no_process_starts_before_the_first_file() -> None:
    before = set(multiprocessing.active_children())
    with Workers() as workers:
        assert set(multiprocessing.active_children()) == before
        assert well(workers)
        assert set(multiprocessing.active_children()) > before


def test_closed_workers_take_nothing_more() -> None:
    workers = Workers(workers=1)
    workers.close()
    with pytest.raises(RuntimeError):
        workers.run(abs, 1, otherwise=lambda *_: 0)


def read_of_mail(workers: Workers, *files: bytes) -> list[Future[Facts]]:
    with workers.of_mail(stays=False) as mail:
        return [mail.read(data, "a.docx") for data in files]


def small() -> list[bytes]:
    return [
        forms.docx(applicant(1)).data,
        licences.as_text_pdf(applicant(1)).data,
        work.docx(work.Work(words=200, seed=1)),
    ]


def test_small_files_of_a_mail_are_read_as_if_each_came_alone(workers: Workers) -> None:
    alone = [workers.read(data, "a.docx").result(TIMEOUT) for data in small()]
    assert [each.result(TIMEOUT) for each in read_of_mail(workers, *small())] == alone
    assert [each.result(TIMEOUT) for each in read_of_mail(workers, *small() * 5)] == alone * 5


def test_a_small_file_that_ends_its_process_costs_its_neighbours_nothing() -> None:
    with Workers(workers=1, seconds=1) as workers:
        before, bad, *after = read_of_mail(workers, small()[0], long_docx(), *small()[1:])
        assert bad.result(60) == refused(Why.TIMEOUT, TOO_LONG)
        assert [each.result(TIMEOUT).type for each in (before, *after)] == ["form", "qualification", "work"]
        assert well(workers)


def test_small_files_have_each_their_own_time() -> None:
    """Together they take longer than any of them may."""
    with Workers(workers=1) as workers:
        assert (
            workers.run(misdeeds.files, 3, 0.4, otherwise=told, seconds=0.2, pages=3).result(TIMEOUT)
            == "done"
        )


def test_leaving_waits_for_small_files_and_closed_workers_take_none() -> None:
    with Workers(workers=1) as workers:
        read = read_of_mail(workers, *small())
    assert all(each.done() for each in read)
    with pytest.raises(RuntimeError):
        read_of_mail(workers, *small())[0].result(TIMEOUT)
