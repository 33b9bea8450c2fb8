"""Paper copies: cover sheets printed and found again on a photo, ticks, lists, reminders."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from docx import Document
from msgspec.structs import replace

from intake.decisions import Desk
from intake.office.cover import cover_sheet, square, to_bind
from intake.office.paper import Fate, only_electronic, only_paper, scanned, tick
from intake.office.reminders import mark_of, remind
from parsers.office import programs
from storage import applications, audit, outbox
from storage.database import Store, open_store
from storage.model import Application, DocumentType, Kind, LetterState, State
from storage.model import Document as File
from tests.bot import made

FORM = File(file="申报表.docx", type=DocumentType.FORM, sha256="0" * 64)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "data", patience=5) as opened:
        made.keep(opened, *made.office())
        yield opened


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store=store, campaign=made.CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=made.NOW)


def texts(sheet: bytes) -> str:
    document = Document(io.BytesIO(sheet))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*cells, *(paragraph.text for paragraph in document.paragraphs)])


def photo(*receipts: str) -> bytes:
    """Return a photo of so many codes on a dark table, each turned a little, as a PNG."""
    table = np.full((1400, 500 * len(receipts), 3), 90, np.uint8)
    for at, receipt in enumerate(receipts):
        code = cv2.imdecode(np.frombuffer(square(receipt), np.uint8), cv2.IMREAD_COLOR)
        assert code is not None
        code = cv2.resize(code, (300, 300), interpolation=cv2.INTER_AREA)
        turn = cv2.getRotationMatrix2D((150, 150), 9 * at - 12, 0.7)
        turned = cv2.warpAffine(code, turn, (300, 300), borderValue=(255, 255, 255))
        table[400 : 400 + 300, 500 * at + 90 : 500 * at + 390] = turned
    done, data = cv2.imencode(".png", table)
    assert done
    return data.tobytes()


def test_a_cover_sheet_tells_whose_it_is_what_to_bind_where_and_when() -> None:
    one = made.county(5, "谯城融媒", State.ACCEPTED, "谯城区", documents=(FORM,))
    sheet = cover_sheet(one, made.CAMPAIGN, now=made.NOW)
    assert cover_sheet(one, made.CAMPAIGN, now=made.NOW) == sheet
    told = texts(sheet)
    for word in (
        "WM2022-0005",
        "谯城融媒（微信账号）",
        "亳州市第5实验单位",
        "双面打印",
        "加盖公章",
        "复印件",
    ):
        assert word in told
    for word in ("亳州市行政服务中心1308室", "0558-5556782", "2022年6月3日前送到", "文明办签署审核意见"):
        assert word in told
    assert "13800138000" not in told
    assert "zhang@" not in told
    assert "已过" in texts(cover_sheet(one, made.CAMPAIGN, now=made.NOW + timedelta(days=9)))


def test_who_applies_as_a_person_signs() -> None:
    one = made.application(1, "晓明说亳州", State.ACCEPTED, documents=(FORM,))
    person = replace(one, kind=Kind.ACCOUNT, fields=replace(one.fields, organizer="张晓明"))
    assert ["签名" in item.how for item in to_bind(person)] == [True, False, True, False]
    assert ["公章" in item.how for item in to_bind(one)] == [True, False, True, False]
    assert [item.came for item in to_bind(one)] == [True, False, False, None]


@pytest.mark.debian("soffice")
def test_a_printed_cover_sheet_is_one_page_and_is_ticked_off_by_its_scan(desk: Desk) -> None:
    long = made.application(2, "很长的名称" * 40, State.CORRECTING)
    pdf = programs.to_pdf(cover_sheet(long, made.CAMPAIGN, now=made.NOW), ".docx")
    assert pdf is not None
    with pypdfium2.PdfDocument(pdf) as pages:
        assert len(pages) == 1
        assert "WM2022-0002" in re.sub(r"\s", "", pages[0].get_textpage().get_text_bounded())
    receipts, strange = scanned(pdf, "扫描件.pdf", "WM2022")
    assert (receipts, strange) == (["WM2022-0002"], [])
    assert [one.fate for one in tick(desk, receipts)] == [Fate.TICKED]


def test_many_codes_on_one_photo() -> None:
    data = photo("WM2022-0001", "WM2022-0002", "https://example.cn/", "WM2022-0003")
    receipts, strange = scanned(data, "桌面.png", "WM2022")
    assert (sorted(receipts), strange) == (["WM2022-0001", "WM2022-0002", "WM2022-0003"], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_hand_scanners_lines(encoding: str) -> None:
    lines = "WM2022-0001\r\nwm2022－0002\r\n\r\n别的条码 69012345\r\nWM2022-0001\r\n".encode(encoding)
    assert scanned(lines, "扫码.txt", "WM2022") == (["WM2022-0001", "WM2022-0002"], ["别的条码 69012345"])


def test_each_tick_has_its_fate_and_is_audited_once(desk: Desk) -> None:
    ticks = tick(desk, ["WM2022-0001", "wm2022-0002", "WM2022-0002", "WM2022-0009", "WM2022-0099"])
    assert [(one.typed[-4:], one.fate) for one in ticks] == [
        ("0001", Fate.ALREADY),
        ("0002", Fate.TICKED),
        ("0009", Fate.WITHDRAWN),
        ("0099", Fate.UNKNOWN),
    ]
    events = [one for one in audit.since(desk.store.db, 0) if one.event == "paper"]
    assert [(one.receipt, one.actor) for one in events] == [("WM2022-0002", "王芳")]
    (mended,) = tick(desk, ["WM2022-0001"], date(2022, 5, 30))
    assert mended.fate is Fate.TICKED
    assert mended.application is not None
    assert mended.application.paper_received == date(2022, 5, 30)


def test_what_has_no_counterpart_is_listed(desk: Desk) -> None:
    tick(desk, ["WM2022-0002", "WM2022-0004", "WM2022-0005"])
    everyone = list(applications.every(desk.store.db))
    assert [one.receipt[-1] for one in only_electronic(everyone)] == ["3", "6", "7", "8"]
    assert [one.receipt[-1] for one in only_paper(everyone)] == ["2", "4"]


def addressed(one: Application, *addresses: str) -> Application:
    return replace(one, addresses=addresses)


def test_one_reminder_an_addressee_and_none_for_what_was_told(tmp_path: Path) -> None:
    office = made.office()
    sent = (
        addressed(office[0], "a@example.cn"),  # its paper came, nothing is open
        addressed(office[1], "b@example.cn"),
        addressed(office[2], "b@example.cn"),
        addressed(office[3], "rejected@example.cn"),
        addressed(office[4], "bounced@example.cn"),
        addressed(office[8], "withdrawn@example.cn"),
    )
    with open_store(tmp_path / "d", patience=5) as store:
        with store.transaction() as db:
            for one in sent:
                applications.save(db, one, message=None, documents=())
            detail = {"to": "bounced@example.cn", "permanent": True}
            audit.record(db, at=made.NOW, actor="system", event="bounced", detail=detail)
        desk = Desk(store=store, campaign=made.CAMPAIGN, sender="bzscbk@163.com", by="王芳", now=made.NOW)
        done = remind(desk)
        assert [(one.to, one.receipts, one.state) for one in done.letters] == [
            (("b@example.cn",), ("WM2022-0002", "WM2022-0003"), LetterState.DRAFT)
        ]
        assert [one.receipt for one in done.unreached] == ["WM2022-0005"]
        body = done.letters[0].body
        for word in ("“单位推荐意见”栏没有看到公章", "纸质材料：尚未收到", "2022年6月3日", "请勿通过本邮箱"):
            assert word in body
        assert remind(desk).letters == ()
        (again,) = remind(desk, again=True).letters
        assert again.receipts == ("WM2022-0002", "WM2022-0003")
        assert remind(desk, again=True).letters == ()
        tick(desk, ["WM2022-0003"])
        assert remind(desk).letters == ()
        auto = replace(desk, campaign=replace(made.CAMPAIGN, reminders_drafted=False))
        tomorrow = replace(auto, now=made.NOW + timedelta(days=1))
        (third,) = remind(tomorrow, again=True).letters
        assert (third.receipts, third.state) == (("WM2022-0002",), LetterState.QUEUED)
        assert len(outbox.every(store.db)) == 3


def test_nobody_is_reminded_of_what_is_not_open() -> None:
    marks = {one.receipt[-1]: mark_of(one) for one in made.office()}
    assert {number for number, mark in marks.items() if mark is None} == {"1", "4", "9"}
    assert (marks["2"], marks["3"]) == ("WM2022-0002:1:mend+paper", "WM2022-0003:2:paper")
