"""New words apart from quoted ones, as the clients of Chinese offices write replies."""

import pytest

from intake.mail import cloud
from intake.mail.body import split_reply, text_of
from intake.mail.cloud import links, names
from parsers.documents import Link

NEW = "您好，补充材料见附件。\n张三"


@pytest.mark.parametrize(
    "quoted",
    [
        pytest.param('------------------ 原始邮件 ------------------\n发件人: "网信办" <a@163.com>;\n正文', id="QQ"),
        pytest.param("-----原始邮件-----\n发件人: 网信办\n正文", id="Outlook Express"),
        pytest.param("-----Original Message-----\nFrom: a@163.com\nbody", id="Outlook"),
        pytest.param("---------- Forwarded message ---------\nFrom: a@163.com\nbody", id="forwarded"),
        pytest.param("发件人：网信办 <a@163.com>\n发送时间：2022年5月25日\n收件人：b\n主题：回执\n正文", id="Foxmail"),
        pytest.param("From: 网信办\nSent: Wednesday\nTo: b\nSubject: x\nbody", id="Outlook header"),
        pytest.param('在 2022-05-25 10:00:00，"网信办" <a@163.com> 写道：\n正文', id="163"),
        pytest.param('At 2022-05-25 10:00:00, "网信办" <a@163.com> wrote:\n正文', id="163 in English"),
        pytest.param("On Wed, May 25, 2022 at 10:00 AM 网信办 <a@163.com> wrote:\n> 正文", id="Gmail"),
        pytest.param("On Wed, May 25, 2022 at 10:00 AM 网信办\n<a@163.com> wrote:\n\n> 正文", id="Gmail over two lines"),
        pytest.param("2022年5月25日 10:00，网信办 <a@163.com> 写道：\n\n> 正文", id="Apple"),
        pytest.param("> 正文\n> 请补正", id="angles only"),
    ],
)  # fmt: skip
def test_the_quoted_mail_is_cut_off(quoted: str) -> None:
    new, old = split_reply(f"{NEW}\n\n{quoted}")
    assert new == NEW
    assert "正文" in old or "body" in old


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("您好\n发件人：张三\n电话：13800138000", id="a sender's line alone"),
        pytest.param("我们在文章中写道：\n要文明上网", id="wrote, but nobody and never"),
        pytest.param("网站名称：亳州在线\n——主要情况——\n内容", id="dashes"),
        pytest.param("", id="nothing"),
    ],
)
def test_new_words_stay(text: str) -> None:
    assert split_reply(text) == (text, "")


def test_words_below_the_quoted_lines_are_new() -> None:
    new, old = split_reply("On 2022-05-25 10:00 a@163.com wrote:\n> 请补正\n\n已补正，请查收。")
    assert new == "已补正，请查收。"
    assert "请补正" in old


@pytest.mark.parametrize(
    ("html", "new", "old"),
    [
        pytest.param("<p>一</p><p>二<br>三</p>", "一\n\n二\n三", "", id="lines"),
        pytest.param(
            "<table><tr><td>名称</td><td>亳州在线</td></tr></table>", "名称\t亳州在线", "", id="cells"
        ),
        pytest.param("<style>p{}</style><script>x()</script><p>一&nbsp;二</p>", "一 二", "", id="no script"),
        pytest.param("<div>新</div><blockquote>旧</blockquote>", "新", "旧", id="blockquote"),
        pytest.param(
            "<div>新</div><blockquote>旧<blockquote>更旧</blockquote></blockquote>尾",
            "新\n尾",
            "旧\n更旧",
            id="nested",
        ),
        pytest.param(
            '<blockquote style="margin: 0 0 0 40px; border: none;">新</blockquote>', "新", "", id="indented"
        ),
        pytest.param('<p>新</p><div id="isReplyContent">旧</div>', "新", "旧", id="163"),
        pytest.param('<p>新</p><div class="gmail_quote">旧</div>', "新", "旧", id="Gmail"),
        pytest.param("<?xml version='1.0' encoding='gbk'?><p>新</p>", "新", "", id="an XML declaration"),
        pytest.param("<pre>一\n二</pre>", "一\n二", "", id="pre keeps its lines"),
        pytest.param("", "", "", id="nothing"),
        pytest.param("<div>" * 3000 + "深" + "</div>" * 3000, "深", "", id="very deep"),
    ],
)
def test_text_of_html(html: str, new: str, old: str) -> None:
    found, apart = text_of(html)
    assert found == new
    assert apart.replace("\n\n", "\n") == old


NETEASE = """<div>您好</div><div id="divNeteaseBigAttach" style="x"><div>从网易163邮箱发来的云附件</div>
<div><a href="https://mail.163.com/large-attachment-download/index.html?p=X">展示视频.mp4</a>
(218.3M, 2022年6月20日 17:39 到期)<a href="https://mail.163.com/large-attachment-download/index.html?p=X">下载</a></div></div>"""
QQ = """<div id="QQMailBigAttach"><div>从QQ邮箱发来的超大附件</div><div class="name">
<a href="http://mail.qq.com/cgi-bin/ftnExs_download?k=1&t=2">工作材料.zip</a> (1.20G, 2022年06月24日 09:00 到期)</div></div>"""


@pytest.mark.parametrize(
    ("html", "found"),
    [
        pytest.param(NETEASE, ("展示视频.mp4",), id="163"),
        pytest.param(QQ, ("工作材料.zip",), id="QQ"),
        pytest.param(
            '<a href="https://wx.mail.qq.com/ftn/download?k=1">点击</a>',
            ("https://wx.mail.qq.com/ftn/download?k=1",),
            id="no name",
        ),
        pytest.param(
            '<p>报送 申报表.docx <a href="https://www.bozhou.gov.cn/">官网</a></p>', (), id="a link to a site"
        ),
    ],
)
def test_cloud_links(html: str, found: tuple[str, ...]) -> None:
    assert names(links(html, text_of(html)[0])) == found


PLAIN = """您好，材料见附件。

从QQ邮箱发来的超大附件

亳州文明 视频.mp4 (312.5M, 2022年06月29日 10:20 到期)进入下载页面：http://mail.qq.com/cgi-bin/ftnExs_download?k=a&t=exs_ftn_download&code=1
营业执照.pdf (60.1M, 无限期)进入下载页面：http://mail.qq.com/cgi-bin/ftnExs_download?k=b
"""
SINA = """<div>超大附件 有效期至 2022-07-01</div><a href="http://mail.sina.com.cn/d/netdisk/down?f=1">材料.rar</a> 45 MB"""


@pytest.mark.parametrize(
    ("html", "text", "found"),
    [
        pytest.param(
            NETEASE,
            "",
            [
                Link(
                    url="https://mail.163.com/large-attachment-download/index.html?p=X",
                    name="展示视频.mp4",
                    size="218.3MB",
                    expires="2022年6月20日 17:39",
                )
            ],
            id="163",
        ),
        pytest.param(
            QQ,
            "",
            [
                Link(
                    url="http://mail.qq.com/cgi-bin/ftnExs_download?k=1&t=2",
                    name="工作材料.zip",
                    size="1.20GB",
                    expires="2022年6月24日 09:00",
                )
            ],
            id="QQ",
        ),
        pytest.param(
            "",
            PLAIN,
            [
                Link(
                    url="http://mail.qq.com/cgi-bin/ftnExs_download?k=a&t=exs_ftn_download&code=1",
                    name="视频.mp4",
                    size="312.5MB",
                    expires="2022年6月29日 10:20",
                ),
                Link(
                    url="http://mail.qq.com/cgi-bin/ftnExs_download?k=b",
                    name="营业执照.pdf",
                    size="60.1MB",
                    expires="不限期",
                ),
            ],
            id="QQ in plain text",
        ),
        pytest.param(
            SINA,
            "",
            [
                Link(
                    url="http://mail.sina.com.cn/d/netdisk/down?f=1",
                    name="材料.rar",
                    size="45MB",
                    expires="2022年7月1日",
                )
            ],
            id="one expiry for all",
        ),
    ],
)
def test_what_a_mail_says_of_a_cloud_link(html: str, text: str, found: list[Link]) -> None:
    told = links(html, text or text_of(html)[0])
    assert list(told) == found
    for link in told:
        assert cloud.facts_in(cloud.written(link).encode()) == cloud.facts_of(link)


def test_no_other_text_is_taken_for_a_kept_link() -> None:
    assert cloud.facts_in("超大附件\n文件名：a.zip".encode()) is None
    assert cloud.facts_in(b"\xff\x00") is None
    assert cloud.facts_in(b"") is None
