import hashlib
from itertools import count

import pytest
from msgspec.structs import replace

from intake.assemble import assemble, merge
from intake.reading import File
from parsers.documents import (
    FIELDS,
    Archive,
    Box,
    Facts,
    Form,
    Part,
    Picture,
    Qualification,
    Reading,
    Seals,
    Work,
)

NUMBERS = count()


def file(path: str, *parts: Part) -> File:
    digest = hashlib.sha256(str(next(NUMBERS)).encode()).hexdigest()
    return File(file=path, sha256=digest, facts=Facts(reader="test", parts=parts))


def form(name: str, identifier: str | None, organizer: str = "亳州市图书馆", **more: Reading) -> Form:
    values = {"name": name, "identifier": identifier, "organizer": organizer}
    readings = {key: Reading(value=values.get(key)) for key in FIELDS} | more
    return Form(readings=readings, kind="account", platform="wechat")


PICTURE = Picture(width=100, height=100)


def test_material_without_a_form_is_one_draft_without_form() -> None:
    (draft,) = assemble([file("照片.jpg", PICTURE)])
    assert draft.form is None
    assert [one.file for one in draft.files] == ["照片.jpg"]


def test_everything_beside_a_single_form_is_its() -> None:
    files = [file("照片.jpg", PICTURE), file("申报表.docx", form("图书馆", "bzlib"))]
    (draft,) = assemble(files)
    assert draft.form is not None
    assert draft.form_file == "申报表.docx"
    assert draft.files == tuple(files)
    assert draft.unassigned == ()


def test_a_form_and_its_scan_are_one_version() -> None:
    typed = form("图书馆", "bzlib")
    scanned = Form(
        readings=form("图书馆", "bz1ib", phone=Reading(value="0558-1", confidence=0.7)).readings,
        kind="account",
        platform="wechat",
        scanned=True,
        seals=Seals(recommendation=1),
    )
    (draft,) = assemble([file("表.docx", typed), file("表.jpg", scanned)])
    assert draft.form is not None
    assert draft.form.value("identifier") == "bzlib"
    assert draft.form.seals.recommendation == 1


def further(county: str = "同意推荐") -> Form:
    values = {"county_opinion": county, "summary": "后一半。"}
    box = Box(page=1, left=0, top=0, right=9, bottom=9)
    readings = {
        key: Reading(
            value=values.get(key),
            confidence=0.95 if key in values else 0.0,
            box=box if key in values else None,
        )
        for key in FIELDS
    }
    return Form(
        readings=readings, scanned=True, continues=True, summary_words=4, seals=Seals(county_opinion=2)
    )


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "the second page first"])
def test_photos_of_both_pages_make_one_form(order: int) -> None:
    first = replace(
        form("图书馆", "bzlib", summary=Reading(value="前一半，", confidence=0.9)),
        scanned=True,
        summary_words=4,
        seals=Seals(recommendation=1),
    )
    files = [file("IMG_1.jpg", first), file("IMG_2.jpg", further())][::order]
    (draft,) = assemble(files)
    assert draft.form is not None
    assert draft.form_file == "IMG_1.jpg"
    assert draft.form.value("name") == "图书馆"
    assert draft.form.value("county_opinion") == "同意推荐"
    assert draft.form.value("summary") == "前一半，\n后一半。"
    assert (draft.form.summary_words, draft.form.continues) == (8, False)
    assert (draft.form.seals.recommendation, draft.form.seals.county_opinion) == (1, 2)


def test_second_pages_go_to_the_first_page_before_them() -> None:
    files = [
        file("1.jpg", form("图书馆", "bzlib")),
        file("2.jpg", further("同意甲")),
        file("3.jpg", form("博物馆", "bzmus")),
        file("4.jpg", further("同意乙")),
    ]
    drafts = assemble(files)
    assert [draft.form.value("county_opinion") for draft in drafts if draft.form] == ["同意甲", "同意乙"]


def test_a_second_page_alone_is_a_form_that_lacks_its_head() -> None:
    (draft,) = assemble([file("2.jpg", further())])
    assert draft.form is not None
    assert draft.form.continues


def test_two_sure_readings_that_differ_leave_the_field_unsure() -> None:
    merged = merge(
        [
            form("图书馆", "bzlib", mobile=Reading(value="1")),
            form("图书馆", "bzlib", mobile=Reading(value="2")),
        ]
    )
    assert merged.readings["mobile"].confidence == 0
    assert merged.readings["name"].confidence == 1


def test_a_blank_form_beside_a_filled_one_is_no_application() -> None:
    blank = Form(readings={key: Reading() for key in FIELDS})
    drafts = assemble([file("空表.docx", blank), file("表.docx", form("图书馆", "bzlib"))])
    assert len(drafts) == 1


def test_forms_in_folders_take_what_lies_beside_them() -> None:
    files = [
        file("材料.zip", Archive(members=4)),
        file("材料.zip/甲/申报表.docx", form("甲号", "aaa", "甲公司")),
        file("材料.zip/甲/执照.jpg", PICTURE),
        file("材料.zip/乙/申报表.docx", form("乙号", "bbb", "乙公司")),
        file("材料.zip/乙/照片/1.jpg", PICTURE),
    ]
    first, second = assemble(files)
    assert {one.file for one in first.files} == {
        "材料.zip",
        "材料.zip/甲/申报表.docx",
        "材料.zip/甲/执照.jpg",
    }
    assert {one.file for one in second.files} == {
        "材料.zip",
        "材料.zip/乙/申报表.docx",
        "材料.zip/乙/照片/1.jpg",
    }
    assert first.unassigned == second.unassigned == ()


@pytest.mark.parametrize(
    "telling",
    [
        pytest.param(file("1.jpg", Qualification(name="乙公司")), id="the licence's name"),
        pytest.param(file("乙公司营业执照.jpg", PICTURE), id="the file's name"),
        pytest.param(
            file("材料.docx", Work(words=9, pictures=3, text="乙号的工作情况")), id="the words in it"
        ),
    ],
)
def test_names_tell_whose_a_loose_file_is(telling: File) -> None:
    files = [
        file("甲.docx", form("甲号", "aaa", "甲公司")),
        file("乙.docx", form("乙号", "bbb", "乙公司")),
        telling,
    ]
    first, second = assemble(files)
    assert telling not in first.files
    assert telling in second.files
    assert first.unassigned == ()


def test_what_nobody_can_tell_counts_for_all_and_is_named() -> None:
    files = [
        file("甲.docx", form("甲号", "aaa", "甲公司")),
        file("乙.docx", form("乙号", "bbb", "乙公司")),
        file("扫描件.jpg", PICTURE),
    ]
    for draft in assemble(files):
        assert "扫描件.jpg" in [one.file for one in draft.files]
        assert draft.unassigned == ("扫描件.jpg",)


def test_one_file_may_hold_several_forms() -> None:
    drafts = assemble([file("汇总.docx", form("甲号", "aaa", "甲公司"), form("乙号", "bbb", "乙公司"))])
    assert [draft.form and draft.form.value("name") for draft in drafts] == ["甲号", "乙号"]


@pytest.mark.parametrize(
    ("seals", "merged"),
    [
        pytest.param(
            [Seals(recommendation=1), Seals(county_opinion=2)],
            Seals(recommendation=1, county_opinion=2),
            id="two photos of two pages",
        ),
        pytest.param(
            [Seals(), Seals(recommendation=0)],
            Seals(recommendation=0),
            id="a Word file and its unsealed scan",
        ),
        pytest.param(
            [Seals(recommendation=0, grey=True, unsure=("recommendation",)), Seals(recommendation=1)],
            Seals(recommendation=1),
            id="a grey copy and a picture in colour",
        ),
        pytest.param(
            [Seals(recommendation=0, grey=True)] * 2,
            Seals(recommendation=0, grey=True),
            id="two grey copies",
        ),
    ],
)
def test_seals_come_from_the_picture_that_shows_most(seals: list[Seals], merged: Seals) -> None:
    forms = [replace(form("图书馆", "bzlib"), scanned=True, seals=each) for each in seals]
    assert merge(forms).seals == merged
