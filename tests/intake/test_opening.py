"""Archives and mails open in each other like folders, to a depth and within one budget."""

from concurrent.futures import Future
from email.message import EmailMessage

import pytest

from intake.opening import BODY, MAIL, laid_out
from parsers.containers.archive import Opened, unpack
from parsers.containers.names import tidy
from parsers.documents import Facts, Other, Unreadable, Why
from tests.build import archives, forms
from tests.build.facts import applicant

TEXT = "网络文明建设工作材料。".encode()


def unpacked(data: bytes, name: str) -> Future[Opened]:
    future: Future[Opened] = Future()
    future.set_result(unpack(data, name))
    return future


def mail(*files: tuple[str, bytes], text: str = "请查收附件。") -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"], made["Date"] = "a@x.cn", "申报材料", "Mon, 30 May 2022 09:00:00 +0800"
    made.set_content(text)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def laid(name: str, data: bytes) -> dict[str, Facts | None]:
    return {one.path: one.facts for one in laid_out(unpacked, name, data)}


def why(facts: Facts | None) -> Why | None:
    part = facts.parts[0] if facts else None
    return part.why if isinstance(part, Unreadable) else None


@pytest.mark.parametrize("name", ["来信.eml", "来信.txt", "来信转发"])
def test_a_mail_in_an_archive_opens_like_a_folder(name: str) -> None:
    found = laid("材料.zip", archives.zipped([(name, mail(("申报表.docx", TEXT), ("申报表.docx", TEXT)))]))
    assert list(found) == [
        "材料.zip",
        f"材料.zip/{name}",
        f"材料.zip/{name}/申报表.docx",
        f"材料.zip/{name}/申报表(2).docx",
    ]
    assert found[f"材料.zip/{name}"] == MAIL
    assert found[f"材料.zip/{name}/申报表.docx"] is None  # still to be read


def test_an_archive_in_a_mail_opens_too() -> None:
    found = laid("来信.eml", mail(("材料.zip", archives.zipped([("图片.txt", TEXT)])), ("说明.txt", TEXT)))
    assert list(found) == ["来信.eml", "来信.eml/材料.zip", "来信.eml/材料.zip/图片.txt", "来信.eml/说明.txt"]


def test_a_mail_in_a_mail_in_an_archive() -> None:
    inner = mail(("照片.txt", TEXT))
    found = laid("材料.zip", archives.zipped([("外.eml", mail(("内.eml", inner)))]))
    assert list(found) == [
        "材料.zip",
        "材料.zip/外.eml",
        "材料.zip/外.eml/内.eml",
        "材料.zip/外.eml/内.eml/照片.txt",
    ]


def test_each_in_the_other_to_a_depth() -> None:
    data = mail(("表.txt", TEXT))
    for _ in range(3):
        data = mail(("包.zip", archives.zipped([("信.eml", data)])))
    found = laid("信.eml", data)
    deepest = list(found)[-1]
    assert deepest.count("/") == 3
    assert [path for path, facts in found.items() if why(facts) is Why.UNSAFE] == [deepest]


def test_one_budget_for_all() -> None:
    mails = [(f"{number}.eml", mail(*[(f"{at}.txt", TEXT) for at in range(90)])) for number in range(12)]
    found = laid("材料.zip", archives.zipped(mails))
    refused = [path for path, facts in found.items() if why(facts) is Why.UNSAFE]
    assert refused == ["材料.zip/10.eml", "材料.zip/11.eml"]  # 12 and ten times 90 are within a thousand
    assert len(found) == 1 + 12 + 10 * 90


def test_a_mail_over_its_own_budget_is_refused() -> None:
    many = mail(*[(f"{at}.txt", TEXT) for at in range(101)])
    assert why(laid("材料.zip", archives.zipped([("多.eml", many)]))["材料.zip/多.eml"]) is Why.UNSAFE


def test_a_form_typed_into_the_body_of_a_mail_in_an_archive_counts() -> None:
    lines = [f"网站平台或账号名称：{applicant(1).fields.name}", "网站平台域名或账号ID：bzfb", "主办单位：亳州市图书馆",
             "通信地址：亳州市", "手机号码：13800138000", "电子邮箱：a@x.cn"]  # fmt: skip
    found = laid("材料.zip", archives.zipped([("信.eml", mail(text="\n".join(lines)))]))
    facts = found[f"材料.zip/信.eml/{BODY}"]
    assert facts is not None
    assert facts.type == "form"


def test_a_cloud_link_in_a_mail_in_an_archive_is_told() -> None:
    text = "超大附件：宣传片.mp4 (120M) https://mail.qq.com/cgi-bin/ftnExs_download?k=1234&t=exs_ftn_download"
    facts = laid("材料.zip", archives.zipped([("信.eml", mail(text=text))]))
    links = [each.parts[0] for each in facts.values() if each and isinstance(each.parts[0], Other)]
    assert [one.link is not None for one in links] == [True]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("说明.txt", TEXT, id="text"),
        pytest.param("说明.eml", TEXT, id="text under a mail's name"),
        pytest.param("申报表.docx", forms.docx(applicant(1)).data, id="a document"),
        pytest.param("空.eml", b"", id="nothing"),
    ],
)
def test_other_files_stay_what_they_are(name: str, data: bytes) -> None:
    assert laid(name, data) == {name: None}
    assert laid("材料.zip", archives.zipped([(name, data)]))[f"材料.zip/{tidy(name)}"] is None


def test_what_a_mail_left_closed_stays_closed() -> None:
    path = "/".join(f"{at}.eml" for at in range(6))
    assert laid(path, mail(("表.txt", TEXT))) == {path: None}
