import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.mail.envelope import Mail
from intake.mail.wishes import Wish, own_subject, receipts_in, wish_of


def mail(subject: str = "", text: str = "") -> Mail:
    return Mail(sender="a@example.cn", subject=subject, text=text)


@pytest.mark.parametrize(
    ("came", "wish"),
    [
        pytest.param(mail("查询"), Wish.QUERY, id="a query as the subject"),
        pytest.param(
            mail("Re: 【收到】申报材料 WM2022-0001", "查询\n"), Wish.QUERY, id="a query in reply to ours"
        ),
        pytest.param(mail("WM2022-0003 查询进度"), Wish.QUERY, id="a query that names its receipt"),
        pytest.param(mail("你好", "请查询。\n谢谢"), Wish.QUERY, id="a polite query"),
        pytest.param(
            mail("请教", "想查询一下评选的标准是什么"), Wish.NONE, id="a question that holds the word"
        ),
        pytest.param(mail("撤回申报"), Wish.WITHDRAW, id="withdrawal as the subject"),
        pytest.param(
            mail("Re: 回执", "我单位申请撤回 WM2022-0002。"), Wish.WITHDRAW, id="withdrawal in reply"
        ),
        pytest.param(mail("说明", "我们不撤回申报"), Wish.NONE, id="says that it does not withdraw"),
        pytest.param(
            mail("情况", "去年我单位曾经" + "因故" * 20 + "撤回过一次申报，今年重新参加。"),
            Wish.NONE,
            id="a long line",
        ),
        pytest.param(
            mail("回复：【请补正】撤回", "好的，材料已补"), Wish.NONE, id="the quoted subject is not theirs"
        ),
        pytest.param(mail("谢谢"), Wish.NONE, id="a thank-you"),
        pytest.param(mail("【查询】"), Wish.QUERY, id="a query in brackets of their own"),
        pytest.param(mail("您好", "您好，我想查询申报进度，谢谢！"), Wish.QUERY, id="a query in a sentence"),
        pytest.param(mail("Re: 回执", "查询。谢谢"), Wish.QUERY, id="a query with thanks behind"),
        pytest.param(mail("申报结果查询"), Wish.QUERY, id="the word behind"),
        pytest.param(mail("查询评选标准"), Wish.NONE, id="a query of something else"),
        pytest.param(mail("请问能否撤回申报？"), Wish.NONE, id="asks whether one can withdraw"),
        pytest.param(mail("撤回申报", "撤回后还能再报吗"), Wish.NONE, id="asks before it withdraws"),
        pytest.param(
            mail("撤回: 报送申报材料", "张三 将撤回邮件“报送申报材料”。"),
            Wish.NONE,
            id="a mail program recalls",
        ),
        pytest.param(mail("撤回上次发的照片"), Wish.NONE, id="a picture withdrawn"),
        pytest.param(mail("说明", "请不要撤回我们的申报"), Wish.NONE, id="asks not to withdraw"),
        pytest.param(mail("撤回（WM2022-0001）"), Wish.WITHDRAW, id="withdrawal of a receipt"),
        pytest.param(mail("关于撤回“文明亳州”申报的函", "见附件"), Wish.WITHDRAW, id="an office's letter"),
        pytest.param(
            mail("更正", "因名称有误，我们撤回申报。"), Wish.WITHDRAW, id="withdrawal with its reason"
        ),
    ],
)
def test_wish(came: Mail, wish: Wish) -> None:
    assert wish_of(came, "WM2022") is wish


@pytest.mark.parametrize(
    ("text", "receipts"),
    [
        pytest.param("WM2022-0001", ("WM2022-0001",), id="plain"),
        pytest.param("回复：wm2022－0012 和 WM2022-0012", ("WM2022-0012",), id="full width, once"),
        pytest.param("WM2022-10001", ("WM2022-10001",), id="wider past 9999"),
        pytest.param("WM2021-0001 2022-0001", (), id="another campaign's"),
    ],
)
def test_receipts_in(text: str, receipts: tuple[str, ...]) -> None:
    assert receipts_in(text, "WM2022") == receipts


@given(st.text(), st.text())
def test_any_words_have_a_wish(subject: str, text: str) -> None:
    assert wish_of(mail(subject, text), "WM2022") in Wish


def test_own_subject_drops_reply_marks_and_our_brackets() -> None:
    assert own_subject("回复: Re：【收到】材料") == "材料"
