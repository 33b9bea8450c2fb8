from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import opinions, ticks, values
from parsers.cells import Cell
from parsers.documents import FIELDS, Form
from parsers.form import forms_from_tables, from_tables, from_text
from parsers.form_labels import field_of

LABELS = {
    "name": "网站平台或账号名称",
    "identifier": "网站平台域名或账号ID",
    "category": "类别",
    "icp_number": "网站备案号",
    "license_number": "网站经营\n许可证号",
    "organizer": "主办单位",
    "address": "通信地址\n邮政编码",
    "contact": "负责人\n（联系人）",
    "phone": "电  话",
    "mobile": "手机号码",
    "email": "电子邮箱",
    "summary": "网站平台或账号主要\n情况\n（1500字）",
    "recommendation": "单位推荐\n意见",
    "county_opinion": "县区委网信办、县文明办审核意见",
    "city_opinion": "市委网信办、市文明办意见",
}
OPTIONS = "政府、新闻类 （  ）\n商业类       （  ）\n其他          （  ）"
FILLED = {
    "name": "亳州发布",
    "identifier": "微信号：bozhoufabu",
    "category": OPTIONS.replace("（  ）", "（√）", 1),
    "icp_number": "（账号不填）",
    "license_number": "/",
    "organizer": "亳州市教育局",
    "address": "亳州市谯城区希夷大道1号\n236800",
    "contact": "张三",
    "phone": "0558-5556782",
    "mobile": "13800138000",
    "email": "bz@example.cn",
    "summary": "近年来，我们坚持正确导向。",
    "recommendation": "同意推荐。\n\n盖  章\n2022年5月30日",
    "county_opinion": "盖  章    盖  章\n年  月  日    年  月  日",
    "city_opinion": "盖  章    盖  章\n年  月  日    年  月  日",
}


def column(cells: dict[str, str]) -> list[Cell]:
    """A form with a label and its value in each row."""
    return [
        cell
        for row, (key, text) in enumerate(cells.items())
        for cell in (Cell(text=LABELS.get(key, key), row=row, column=0), Cell(text=text, row=row, column=1))
    ]


def read(tables: Sequence[Sequence[Cell]]) -> Form:
    form = from_tables(tables)
    assert form is not None
    return form


def filled(**cells: str) -> Form:
    return read([column({**FILLED, **cells})])


def test_a_plain_form() -> None:
    form = filled()
    assert {key: form.value(key) for key in FIELDS if form.value(key) is not None} == {
        "name": "亳州发布",
        "identifier": "bozhoufabu",
        "category": "government_news",
        "organizer": "亳州市教育局",
        "address": "亳州市谯城区希夷大道1号",
        "postcode": "236800",
        "contact": "张三",
        "phone": "0558-5556782",
        "mobile": "13800138000",
        "email": "bz@example.cn",
        "summary": "近年来，我们坚持正确导向。",
        "recommendation": "同意推荐。",
        "recommendation_date": "2022-05-30",
    }
    assert (form.kind, form.platform, form.ticked) == ("account", "wechat", ("government_news",))
    assert form.summary_words == 13
    assert form.readings["organizer"].confidence == 1


NOTICE = [
    [("网站平台或账号名称", 1), ("", 1), ("网站平台域名或账号ID", 1), ("", 1)],
    [("类别", 2), (OPTIONS, 2), ("网站备案号", 1), ("（账号不填）", 1)],
    [("网站经营\n许可证号", 1), ("（账号不填）", 1)],
    [("主办单位", 1), ("", 1), ("通信地址\n邮政编码", 1), ("", 1)],
    [("负责人\n（联系人）", 3), ("", 3), ("电  话", 1), ("", 1)],
    [("手机号码", 1), ("", 1)],
    [("电子邮箱", 1), ("", 1)],
]
TAIL = [
    ("网站平台或账号主要\n情况\n", "（可另附页）"),
    ("网站平台或账号主要\n情况\n（1500字）", ""),
    ("单位推荐\n意见", "\n\n盖  章\n年  月  日"),
    (
        "县区委网信办、县文明办审核意见",
        "\n\n盖  章                 盖  章\n年  月  日               年  月  日",
    ),
    ("市委网信办、市文明办意见", "\n\n盖  章                盖  章\n年  月  日             年  月  日"),
]


def notice(**texts: str) -> list[Cell]:
    """The form of the notice with its merged cells; `texts` fill cells beside labels that begin so."""
    cells = []
    for row, line in enumerate(NOTICE):
        first = 0 if len(line) == 4 else 2
        cells += [
            Cell(text=text, row=row, column=first + at, rowspan=tall) for at, (text, tall) in enumerate(line)
        ]
    for at, (label, hint) in enumerate(TAIL):
        cells.append(Cell(text=label, row=7 + at, column=0))
        cells.append(Cell(text=hint, row=7 + at, column=1, colspan=3))
    beside = {cell.row * 10 + cell.column: index for index, cell in enumerate(cells)}
    for label, text in texts.items():
        index, found = next((i, one) for i, one in enumerate(cells) if one.text.startswith(label))
        place = beside[found.row * 10 + found.column + 1]
        cells[place] = Cell(
            text=text,
            row=found.row,
            column=found.column + 1,
            rowspan=cells[place].rowspan,
            colspan=cells[place].colspan,
        )
        assert index != place
    return cells


def test_the_blank_form_holds_no_value() -> None:
    form = read([notice()])
    assert [key for key in FIELDS if form.value(key) is not None] == []
    assert (form.ticked, form.kind, form.summary_words, form.attached_page) == ((), None, 0, False)


def test_merged_cells_of_the_notice() -> None:
    form = read([notice(负责人="张三", 电="0558-5556782", 手机="13800138000", 主办="亳州市图书馆")])
    values = [form.value(key) for key in ("contact", "phone", "mobile", "organizer", "name")]
    assert values == ["张三", "0558-5556782", "13800138000", "亳州市图书馆", None]


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("name", "网站（平台）或账号名称"),
        ("name", "网 站 平 台 或\n账 号 名 称："),
        ("name", "账号名称"),
        ("name", "1.网站名称"),
        ("name", "网站平台或帐号名称"),
        ("identifier", "网站平台域名／账号ＩＤ"),
        ("identifier", "网站域名或账号id"),
        ("category", "类  别\n（请打√）"),
        ("category", "网站平台或账号类别"),
        ("icp_number", "网站备案号（账号不填）"),
        ("icp_number", "ICP备案号"),
        ("license_number", "网站经营许可证号"),
        ("organizer", "主 办 单 位"),
        ("organizer", "主办单位（盖章）"),
        ("organizer", "主办单位名称"),
        ("address", "通讯地址及邮编"),
        ("contact", "负责人/联系人"),
        ("contact", "联系人（负责人）姓名"),
        ("phone", "办公电话"),
        ("phone", "联系电话："),
        ("mobile", "手  机"),
        ("mobile", "移动电话"),
        ("email", "邮  箱"),
        ("email", "E-mail"),
        ("summary", "主要情况"),
        ("summary", "网站平台或账号主要情况（1500字以内，可另附页）"),
        ("recommendation", "推荐单位意见"),
        ("recommendation", "主办单位推荐意见"),
        ("county_opinion", "谯城区委网信办、谯城区文明办审核意见"),
        ("city_opinion", "亳州市委网信办、市文明办意见"),
    ],
)
def test_labels_in_other_words(key: str, label: str) -> None:
    cells = [
        Cell(
            text=label if cell.column == 0 and cell.text == LABELS[key] else cell.text,
            row=cell.row,
            column=cell.column,
        )
        for cell in column(FILLED)
    ]
    plain = filled()
    form = read([cells])
    assert {name: form.value(name) for name in FIELDS} == {name: plain.value(name) for name in FIELDS}


@given(st.permutations(list(FILLED)))
def test_rows_in_any_order(order: list[str]) -> None:
    plain = filled()
    form = read([column({key: FILLED[key] for key in order})])
    assert {key: form.value(key) for key in FIELDS} == {key: plain.value(key) for key in FIELDS}


@given(st.integers(1, len(FILLED) - 1))
def test_a_form_cut_into_two_tables(cut: int) -> None:
    cells = column(FILLED)
    tables = [[cell for cell in cells if cell.row < cut], [cell for cell in cells if cell.row >= cut]]
    assert [form.value("email") for form in forms_from_tables(tables)] == ["bz@example.cn"]
    assert read(tables).value("summary") == "近年来，我们坚持正确导向。"


def test_label_and_value_in_one_cell() -> None:
    lines = [
        "网站平台或账号名称：亳州发布",
        "网站平台域名或账号ID：微信号：bozhoufabu",
        f"类别：\n{FILLED['category']}",
        "主办单位\n亳州市教育局",
        "通信地址邮政编码：亳州市希夷大道1号\n236800",
        "负责人（联系人）：张三　电话：0558-5556782　手机号码：138 0013 8000\n电子邮箱：bz@example.cn",
        "主要情况：近年来。\n电话：12345受理热线。",
        "单位推荐意见：\n同意。\n盖章\n2022年5月30日",
    ]
    form = read([[Cell(text=text, row=row, column=0) for row, text in enumerate(lines)]])
    keys = ("name", "identifier", "platform", "category", "organizer", "address", "postcode", "contact", "phone",
            "mobile", "email", "summary", "recommendation", "recommendation_date")  # fmt: skip
    found = {key: form.platform if key == "platform" else form.value(key) for key in keys}
    assert list(found.values()) == [
        "亳州发布", "bozhoufabu", "wechat", "government_news", "亳州市教育局", "亳州市希夷大道1号", "236800", "张三",
        "0558-5556782", "13800138000", "bz@example.cn", "近年来。\n电话:12345受理热线。".replace(":", "："), "同意。",
        "2022-05-30",
    ]  # fmt: skip


def test_values_below_their_labels() -> None:
    cells = [cell for cell in column(FILLED) if cell.row < 7] + [
        *(
            Cell(text=LABELS[key], row=7, column=at)
            for at, key in enumerate(("contact", "phone", "mobile", "email"))
        ),
        *(
            Cell(text=FILLED[key], row=8, column=at)
            for at, key in enumerate(("contact", "phone", "mobile", "email"))
        ),
        Cell(text=LABELS["summary"], row=9, column=0, colspan=4),
        Cell(text="近年来。", row=10, column=0, colspan=4),
    ]
    form = read([cells])
    assert [form.value(key) for key in ("contact", "phone", "mobile", "email", "summary")] == [
        "张三", "0558-5556782", "13800138000", "bz@example.cn", "近年来。",
    ]  # fmt: skip


def test_split_labels_and_an_added_column() -> None:
    cells = [
        *(cell for cell in column(FILLED) if LABELS["summary"] != cell.text and cell.row not in (5, 11)),
        Cell(text="主办", row=20, column=0),
        Cell(text="单位", row=20, column=1),
        Cell(text="", row=20, column=2),
        Cell(text="亳州市图书馆", row=20, column=3),
        Cell(text="网站平台或账号", row=21, column=0),
        Cell(text="主要情况", row=22, column=0),
        Cell(text="上半部分。", row=21, column=1),
        Cell(text="下半部分。", row=22, column=1),
    ]
    form = read([cells])
    assert form.value("organizer") == "亳州市图书馆"
    assert form.value("summary") == "上半部分。\n下半部分。"


def test_two_labels_beside_one_cell_share_it() -> None:
    cells = [cell for cell in column(FILLED) if cell.row != 6] + [
        Cell(text="通信地址", row=30, column=0),
        Cell(text="邮政编码", row=31, column=0),
        Cell(text="亳州市希夷大道1号 236800", row=30, column=1, rowspan=2),
    ]
    form = read([cells])
    assert (form.value("address"), form.value("postcode")) == ("亳州市希夷大道1号", "236800")


def test_several_forms_in_one_table_and_in_many() -> None:
    first, second = column(FILLED), column({**FILLED, "name": "谯城发布", "organizer": "谯城区文化馆"})
    below = [Cell(text=cell.text, row=cell.row + 40, column=cell.column) for cell in second]
    for tables in ([first, second], [[*first, *below]]):
        assert [form.value("name") for form in forms_from_tables(tables)] == ["亳州发布", "谯城发布"]


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(
            [["序号", "网站平台或账号名称", "网站平台域名或账号ID", "类别", "主办单位", "联系人", "手机号码"],
             ["1", "亳州发布", "bz", "政府、新闻类", "教育局", "张三", "13800138000"],
             ["2", "谯城发布", "qc", "政府、新闻类", "文化馆", "李四", "13800138001"]],
            id="a list of applications",
        ),
        pytest.param([["姓名", "张三", "电话", "1"], ["手机", "2", "邮箱", "3"], ["单位名称", "x", "地址", "y"]], id="contacts"),
        pytest.param([["名称", "x公司", "类型", "有限责任公司"], ["住所", "y", "法定代表人", "z"]], id="a licence"),
        pytest.param([["项目", "数量"], ["原创作品", "1260"]], id="figures"),
        pytest.param([], id="nothing"),
    ],
)  # fmt: skip
def test_other_tables_are_no_form(texts: list[list[str]]) -> None:
    table = [
        Cell(text=text, row=row, column=at) for row, line in enumerate(texts) for at, text in enumerate(line)
    ]
    assert from_tables([table]) is None


def test_values_that_read_like_labels() -> None:
    form = filled(
        name="主办单位",
        organizer="亳州市网站平台服务中心",
        summary="账号名称：亳州发布\n主办单位：教育局\n2022年5月1日盖章。单位推荐意见：好",
    )
    assert form.value("name") == "主办单位"
    assert form.value("organizer") == "亳州市网站平台服务中心"
    assert form.value("summary") == "账号名称：亳州发布\n主办单位：教育局\n2022年5月1日盖章。单位推荐意见：好"


@pytest.mark.parametrize(
    "hint", ["（账号不填）", "账号不填", "帐号不填", "/", "无", "——", "-", " ", "（ 账号不用填写 ）", "—"]
)
def test_website_cells_left_empty(hint: str) -> None:
    form = filled(icp_number=hint, license_number=hint)
    assert form.value("icp_number") is form.value("license_number") is None


@pytest.mark.parametrize("written", ["/", "无", "——", "-", "（无）", "____"])
@pytest.mark.parametrize("field", ["name", "identifier", "organizer", "address", "contact", "email"])
def test_what_only_says_that_a_cell_is_empty_is_no_value(field: str, written: str) -> None:
    assert filled(**{field: written}).value(field) is None


def test_website_cells_filled_beside_the_hint() -> None:
    form = filled(identifier="http://www.BZ.example.cn/index", icp_number="皖ICP备12345678号-1（账号不填）")
    assert (form.kind, form.value("identifier")) == ("website", "www.bz.example.cn")
    assert form.value("icp_number") == "皖ICP备12345678号-1"


@pytest.mark.parametrize(
    ("text", "address", "postcode"),
    [
        pytest.param("亳州市希夷大道1号\n236800", "亳州市希夷大道1号", "236800", id="own line"),
        pytest.param("236800\n亳州市希夷大道1号", "亳州市希夷大道1号", "236800", id="code first"),
        pytest.param("亳州市希夷大道1号 236800", "亳州市希夷大道1号", "236800", id="at the end"),
        pytest.param("亳州市希夷大道1号，邮编：236800", "亳州市希夷大道1号", "236800", id="named"),
        pytest.param(
            "地址：亳州市希夷大道1号\n邮政编码：２３６８００", "亳州市希夷大道1号", "236800", id="both named"
        ),
        pytest.param("亳州市希夷大道1号（236800）", "亳州市希夷大道1号", "236800", id="in brackets"),
        pytest.param(
            "亳州市希夷大道1号（邮编236800）", "亳州市希夷大道1号", "236800", id="named in brackets"
        ),
        pytest.param("亳州市(希夷)大道1号\n2 3 6 8 0 0", "亳州市(希夷)大道1号", "236800", id="digits apart"),
        pytest.param(
            "亳州市希夷大道1号\n23680", "亳州市希夷大道1号", "23680", id="one digit short, for the rules"
        ),
        pytest.param("亳州市行政服务中心1308室", "亳州市行政服务中心1308室", None, id="no code"),
        pytest.param("亳州市希夷大道1号\n邮编：", "亳州市希夷大道1号", None, id="named and empty"),
        pytest.param("236800", None, "236800", id="no address"),
        pytest.param("", None, None, id="empty"),
    ],
)
def test_address_and_postcode_share_a_cell(text: str, address: str | None, postcode: str | None) -> None:
    form = filled(address=text)
    assert (form.value("address"), form.value("postcode")) == (address, postcode)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0558 5556782", "05585556782"),
        ("138 0013 8000", "13800138000"),
        ("0558-5556782 13800138000", "0558-5556782/13800138000"),
        ("0558-5556782\n138 0013 8000", "0558-5556782/13800138000"),
        ("0558-5556782/13800138000", "0558-5556782/13800138000"),
        ("０５５８－５５５６７８２", "0558-5556782"),
        ("电话：5556782", "5556782"),
        ("/", None),
    ],
)
def test_telephone_cells(text: str, value: str | None) -> None:
    assert filled(phone=text).value("phone") == value


def test_a_cell_with_its_label_again() -> None:
    assert filled(email="邮箱：ａ＠163.com").value("email") == "a@163.com"
    assert filled(contact="联系人：张三").value("contact") == "张三"


def test_joint_labels() -> None:
    cells = [cell for cell in column(FILLED) if cell.row not in (7, 8, 9)] + [
        Cell(text="负责人及联系电话", row=30, column=0),
        Cell(text="张三 0558-5556782、13800138000", row=30, column=1),
    ]
    form = read([cells])
    assert [form.value(key) for key in ("contact", "phone", "mobile")] == [
        "张三",
        "0558-5556782",
        "13800138000",
    ]


@pytest.mark.parametrize(
    ("text", "ticked", "other"),
    [
        pytest.param(OPTIONS, (), None, id="blank"),
        pytest.param(
            OPTIONS.replace("（  ）", "（√）"), ("government_news", "commercial", "other"), None, id="all"
        ),
        pytest.param("政府、新闻类 （  ）\n商业类 （ √ ）\n其他 （  ）", ("commercial",), None, id="second"),
        pytest.param(
            "政府、新闻类 （  ）\n商业类 （  ）\n其他 （√ 自媒体）", ("other",), "自媒体", id="tick and type"
        ),
        pytest.param(
            "政府、新闻类（ ）\n商业类（ ）\n其他（公益）", ("other",), "公益", id="type without a tick"
        ),
        pytest.param(
            "政府、新闻类（√）\n商业类（ ）\n其他（公益）",
            ("government_news",),
            "公益",
            id="type beside another tick",
        ),
        pytest.param(
            "政府、新闻类（ ）\n商业类（ ）\n其他（√）（公益）", ("other",), "公益", id="two brackets"
        ),
        pytest.param("☑政府、新闻类 □商业类 □其他", ("government_news",), None, id="boxes before"),
        pytest.param("政府、新闻类□ 商业类☑ 其他□", ("commercial",), None, id="boxes behind"),
        pytest.param("☐政府、新闻类\n☒商业类\n☐其他", ("commercial",), None, id="crossed box"),
        pytest.param("□政府、新闻类\n□商业类\n■其他（ ）", ("other",), None, id="solid box"),
        pytest.param(
            "√政府、新闻类（ ）\n商业类（ ）\n其他（ ）", ("government_news",), None, id="before the option"
        ),
        pytest.param(
            "政府、新闻类（ ）√商业类（ ）其他（ ）", ("government_news",), None, id="behind the brackets"
        ),
        pytest.param("政府、新闻类  √商业类  其他", ("commercial",), None, id="close before the next"),
        pytest.param(
            "（√）政府、新闻类 （ ）商业类 （ ）其他", ("government_news",), None, id="brackets before"
        ),
        pytest.param(
            "政府、新闻类\n√\n商业类\n其他\n（ ）", ("government_news",), None, id="a line of its own"
        ),
        pytest.param(
            "政府、新闻类（V）\n商业类（ ）\n其他（ ）", ("government_news",), None, id="the letter V"
        ),
        pytest.param(
            "政府、新闻类（ ）\n商业类（ ）\n其他（TV媒体）", ("other",), "TV媒体", id="a V within a word"
        ),
        pytest.param(
            "政府、新闻类（×）\n商业类（√）\n其他（×）", ("commercial",), None, id="crosses mean no"
        ),
        pytest.param("政府、新闻类（ ）\n商业类（ ）\n其他（/）", (), None, id="a slash is no type"),
        pytest.param("其他（\n科普类 √）", ("other",), "科普类", id="brackets over two lines"),
        pytest.param("商业类", ("commercial",), None, id="the choice alone"),
        pytest.param("", (), None, id="empty"),
    ],
)
def test_ticks(text: str, ticked: tuple[str, ...], other: str | None) -> None:
    assert ticks.read(text) == (ticked, other)
    form = filled(category=text)
    assert form.ticked == ticked
    assert form.value("category") == (ticked[0] if len(ticked) == 1 else None)


@given(
    st.sampled_from(ticks.TICKS),
    st.sampled_from(["政府、新闻类", "商业类", "其他"]),
    st.sampled_from(["{}（{}）", "{1}{0}", "{}{}", "{} （ {} ）", "（{1}）{0}"]),
    st.sampled_from(["\n", "    "]),
)
def test_any_tick_in_any_place(tick: str, chosen: str, shape: str, apart: str) -> None:
    keys = {"政府、新闻类": "government_news", "商业类": "commercial", "其他": "other"}
    blank = shape if "（" in shape else shape.replace("{1}", "□").replace("{}{}", "{}□")
    text = apart.join(
        shape.format(name, tick) if name == chosen else blank.format(name, " ") for name in keys
    )
    assert ticks.read(text).ticked == (keys[chosen],)


@pytest.mark.parametrize(
    ("text", "said", "signed"),
    [
        pytest.param("同意推荐。\n\n盖  章\n2022年5月30日", "同意推荐。", "2022-05-30", id="as printed"),
        pytest.param("同意推荐。2022年5月30日", "同意推荐。", "2022-05-30", id="behind the text"),
        pytest.param("同意（盖章）二〇二二年五月三十日", "同意", "2022-05-30", id="Chinese numerals"),
        pytest.param("同意\n2022.5.30", "同意", "2022-05-30", id="dots"),
        pytest.param("同意\n2022-05-30", "同意", "2022-05-30", id="hyphens"),
        pytest.param("同意\n２０２２ 年 ５ 月 ３ 日", "同意", "2022-05-03", id="full width and spaces"),
        pytest.param("同意\n2022年2月30日", "同意", None, id="no such day"),
        pytest.param("同意\n盖章\n2022年5月  日", "同意", None, id="half filled"),
        pytest.param(
            "同意\n盖 章     盖 章\n2022年5月30日      2022年6月1日",
            "同意",
            "2022-06-01",
            id="the later of two",
        ),
        pytest.param("同意\n2022年6月1日      年  月  日", "同意", "2022-06-01", id="one of two"),
        pytest.param(
            "自2018年5月1日运营，表现好。\n盖章\n年  月  日",
            "自2018年5月1日运营，表现好。",
            None,
            id="a date in the prose",
        ),
        pytest.param(
            "经2022年5月30日会议研究，同意。", "经2022年5月30日会议研究，同意。", None, id="only in the prose"
        ),
        pytest.param("同意，已盖章。\n2022年5月30日", "同意，已盖章。", "2022-05-30", id="盖章 in the prose"),
        pytest.param(
            "同意。 教育局（盖章）  2022年5月30日", "同意。 教育局", "2022-05-30", id="signed on the line"
        ),
        pytest.param("盖  章\n年  月  日", None, None, id="blank"),
        pytest.param("", None, None, id="empty"),
    ],
)
def test_opinions(text: str, said: str | None, signed: str | None) -> None:
    assert opinions.read(text) == (said, signed)
    form = filled(recommendation=text)
    assert (form.value("recommendation"), form.value("recommendation_date")) == (said, signed)


@given(
    st.dates(),
    st.sampled_from(
        ["{0}年{1}月{2}日", "{0}.{1}.{2}", "{0}-{1:02}-{2:02}", "{0} 年 {1} 月 {2} 日", "{0}/{1}/{2}"]
    ),
)
def test_dates_in_every_writing(day: date, shape: str) -> None:
    year = 1950 + day.year % 100
    month, number = day.month, min(day.day, 28)
    said = opinions.read("同意。\n" + shape.format(year, month, number))
    assert said == ("同意。", f"{year}-{month:02}-{number:02}")


@pytest.mark.parametrize("text", ["/", "无", "——", "无。", "/\n盖  章\n年  月  日", "无\n盖章  盖章"])
def test_a_county_cell_that_says_nothing(text: str) -> None:
    assert filled(county_opinion=text).value("county_opinion") is None


def test_a_county_cell_with_two_offices() -> None:
    form = filled(
        county_opinion="同意。\n谯城区委网信办（盖章）  谯城区文明办（盖章）\n2022年5月30日   2022年6月1日"
    )
    assert form.value("county_opinion") == "同意。\n谯城区委网信办 谯城区文明办"
    assert form.value("county_opinion_date") == "2022-06-01"


@pytest.mark.parametrize("text", ["见附页", "（详见附页）", "见附件。", "另附页", "详见附件1"])
def test_an_attached_page_is_no_summary(text: str) -> None:
    form = filled(summary=text)
    assert (form.value("summary"), form.summary_words, form.attached_page) == (None, 0, True)


def test_both_summary_cells_count_before_normalisation() -> None:
    cells = notice()
    cells[cells.index(next(cell for cell in cells if cell.text == "（可另附页）"))] = Cell(
        text="　　上半，２０２２年。\n（可另附页）", row=7, column=1, colspan=3
    )
    rest = next(cell for cell in cells if cell.row == 8 and cell.column == 1)
    cells[cells.index(rest)] = Cell(text="下半。", row=8, column=1, colspan=3)
    form = read([cells])
    assert form.value("summary") == "上半，２０２２年。\n下半。"
    assert form.summary_words == 9 + 3


def test_readings_keep_what_stood_there_and_how_sure() -> None:
    cells = [
        Cell(text=cell.text, row=cell.row, column=cell.column, confidence=0.8) for cell in column(FILLED)
    ]
    form = from_tables([cells], scanned=True)
    assert form is not None
    assert (form.scanned, form.readings["email"].confidence) == (True, 0.8)
    assert form.readings["identifier"].raw == "微信号：bozhoufabu"


def test_a_label_no_scan_shows_leaves_no_certainty() -> None:
    form = from_tables([[cell for cell in column(FILLED) if cell.row != 10]], scanned=True)
    assert form is not None
    assert (form.readings["email"].value, form.readings["email"].confidence) == (None, 0)


def test_a_recogniser_may_err_in_labels_and_names() -> None:
    cells = column({**FILLED, "organizer": "毫州市教育局", "name": "谯城文明网占"})
    cells = [
        Cell(
            text=cell.text.replace("主办单位", "主办单伎").replace("号名称", "号名秋"),
            row=cell.row,
            column=cell.column,
        )
        for cell in cells
    ]
    form = from_tables([cells], scanned=True, lexicon=("谯城文明网站",))
    assert form is not None
    assert (form.value("organizer"), form.value("name")) == ("亳州市教育局", "谯城文明网站")


@given(st.lists(st.tuples(st.text(max_size=12), st.integers(0, 6), st.integers(0, 4)), max_size=25))
def test_no_table_breaks_the_reader(drawn: list[tuple[str, int, int]]) -> None:
    table = [Cell(text=text, row=row, column=at) for text, row, at in drawn]
    assert isinstance(forms_from_tables([table, column(FILLED)]), list)


MAIL = """您好，现将申报材料报送如下：

网站平台或账号名称：亳州发布
网站平台域名或账号ID：微信号：bozhoufabu
类  别：政府、新闻类（√） 商业类（ ） 其他（ ）
主办单位：
亳州市教育局
通信地址：亳州市希夷大道1号
邮编：236800
联系人：张三；电话：0558-5556782；手机：13800138000
电子邮箱：ａ＠163.com
主要情况：近年来，坚持正确导向。
联系人：是大家。
单位推荐意见：同意推荐。
2022年5月30日
"""


def test_a_form_typed_into_a_mail() -> None:
    form = from_text(MAIL)
    assert form is not None
    assert {key: form.value(key) for key in FIELDS if form.value(key)} == {
        "name": "亳州发布",
        "identifier": "bozhoufabu",
        "category": "government_news",
        "organizer": "亳州市教育局",
        "address": "亳州市希夷大道1号",
        "postcode": "236800",
        "contact": "张三",
        "phone": "0558-5556782",
        "mobile": "13800138000",
        "email": "a@163.com",
        "summary": "近年来，坚持正确导向。\n联系人：是大家。",
        "recommendation": "同意推荐。",
        "recommendation_date": "2022-05-30",
    }


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(
            "您好，申报表见附件。\n联系人：张三\n电话：5556782\n邮箱：a@b.cn\n地址：亳州", id="a signature"
        ),
        pytest.param("账号名称：亳州发布\n主办单位：教育局", id="too little"),
        pytest.param(
            "名称：某某有限公司\n类型：有限责任公司\n住所：亳州\n法定代表人：张三\n联系电话：1",
            id="a licence",
        ),
    ],
)
def test_other_texts_are_no_form(text: str) -> None:
    assert from_text(text) is None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    from_text(text)
    from_text(MAIL + text)
    values.address_and_postcode(text)
    values.numbers(text)


LONG = [
    "年",
    "2022年5月",
    "盖 章 ",
    "（",
    "1",
    "电话：",
    "其他（",
    "2022.5.",
    "邮 编 ",
    "ab.cd.",
    "微信号：",
    "xn--",
]


@pytest.mark.parametrize("piece", LONG)
def test_long_texts_take_time_in_proportion(piece: str) -> None:
    text = piece * 4000  # a search of all pairs would take minutes
    form = filled(**dict.fromkeys(FILLED, text))
    assert from_text(text) is None
    assert form.readings["summary"].raw == text


@pytest.mark.parametrize(
    ("label", "key", "written", "sure"),
    [
        ("电子邮箱", "email", "ggzy@bz-", False),
        ("电子邮箱", "email", "ggzy@bz-demo.gov.cn", True),
        ("手机号码", "mobile", "173035", False),
        ("电话", "phone", "0558-5516782", True),
        ("网站备案号", "icp_number", "皖ICP备19001239号-1", True),
        ("网站备案号", "icp_number", "备1900", False),
        ("网站经营许可证号", "license_number", "皖B2-20180001", True),
        ("网站经营许可证号", "license_number", "安徽省亳州市涡阳县站前", False),
        ("通信地址", "address", "亳州市站前路77号2号楼三楼", True),
        ("通信地址", "address", "路77号2号楼三楼0558-6401110", False),
    ],
)
def test_what_was_recognised_and_fails_its_format_is_for_a_person(
    label: str, key: str, written: str, sure: bool
) -> None:
    said = {"网站平台或账号名称": "亳州发布", "类别": "商业类（√）", "主办单位": "亳州市文化馆", "联系人": "王一诺",
            "手机": "13800138000", "E-mail": "a@bz.example.cn", "联系电话": "0558-5511111"}  # fmt: skip
    rows = {**{one: text for one, text in said.items() if field_of(one) != key}, label: written}
    cells = [
        Cell(text=text, row=row, column=column)
        for row, pair in enumerate(rows.items())
        for column, text in enumerate(pair)
    ]
    for scanned in (True, False):
        read = from_tables([cells], scanned=scanned)
        assert read is not None
        assert read.value(key) == written
        assert (read.readings[key].confidence >= 0.95) == (sure or not scanned)


@pytest.mark.parametrize(("written", "sure"), [("（账号不填）", True), ("皖B2-2019", False)])
def test_a_cell_left_empty_is_not_asked_about(written: str, sure: bool) -> None:
    said = {"网站平台或账号名称": "亳州发布", "类别": "商业类（√）", "主办单位": "亳州市文化馆", "联系人": "王一诺",
            "网站经营许可证号": written}  # fmt: skip
    cells = [
        Cell(text=text, row=row, column=column, confidence=0.8)
        for row, pair in enumerate(said.items())
        for column, text in enumerate(pair)
    ]
    read = from_tables([cells], scanned=True)
    assert read is not None
    assert (read.readings["license_number"].confidence >= 0.95) == sure


def test_a_value_is_as_sure_as_its_own_line() -> None:
    address = Cell(
        text="亳州市希夷大道1号\n236800",
        row=1,
        column=1,
        confidence=0.6,
        lines=(("亳州市希夷大道1号", 0.6), ("236800", 0.99)),
    )
    said = {"网站平台或账号名称": "亳州发布", "通信地址邮政编码": "", "类别": "商业类（√）", "主办单位": "亳州市文化馆",
            "联系人": "王一诺"}  # fmt: skip
    cells = [
        address
        if (label.startswith("通信"), column) == (True, 1)
        else Cell(text=text, row=row, column=column)
        for row, (label, value) in enumerate(said.items())
        for column, text in enumerate((label, value))
    ]
    read = from_tables([cells], scanned=True)
    assert read is not None
    assert (read.readings["address"].confidence, read.readings["postcode"].confidence) == (0.6, 0.99)


@pytest.mark.parametrize(
    ("written", "value"), [("1", None), ("一", None), ("/", None), ("皖B2-20180001", "皖B2-20180001")]
)
def test_a_stroke_through_a_cell_is_no_number(written: str, value: str | None) -> None:
    assert values.website_only(written) == value
