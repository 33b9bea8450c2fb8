"""The parts of the demo's mails: a campaign in miniature, its files and the list of what is sent how."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tests.build import archives, facts, forms, licences, pdfs, scans, work
from tests.build.facts import Applicant
from tests.build.forms import Dress
from tests.build.grid import Look
from tests.build.work import Video, Work

HEAD = """\
# 演示用的一次小型推选活动：每封邮件由谁发出、怎样送达、带哪些附件、应当得到什么结果。
# 单位、人员、号码和地址均为虚构。本文件和附件由 python -m tests.build --demo 生成。
# 正文中的 {date} 在发送时换成当天日期；answers 表示回复本办就哪封邮件发出的信。
"""


class File(msgspec.Struct, frozen=True):
    """An attachment: the name it is sent under and what makes its bytes."""

    name: str
    make: Callable[[], bytes]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One mail of the demo; `state` and `codes` are what becomes of its application, `outcome` of the mail."""

    id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    files: tuple[File, ...] = ()
    door: str = "smtp"
    answers: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    outcome: str = "application"
    states: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    expect: str


LIBRARY = facts.applicant(0, platform="wechat")
COMPANY = facts.applicant(2, unit="company", kind="website")
QIAOCHENG = tuple(
    facts.applicant(number, county="谯城区", platform=platform)
    for number, platform in ((3, "douyin"), (4, "wechat"), (12, "weibo"), (14, "kuaishou"))
)
WEATHER = facts.applicant(1, platform="weibo", summary_words=1612)
WEATHER_MENDED = facts.applicant(1, platform="weibo", summary_words=760)
AGENT = facts.applicant(
    1, unit="company", platform="wechat", name=LIBRARY.fields.name, identifier=LIBRARY.fields.identifier
)
BLOOD = facts.applicant(7, platform="weibo", summary_words=210)
SCHOOL = facts.applicant(11, platform="bilibili", summary_words=900)
LIXIN = facts.applicant(5, county="利辛县", platform="toutiao")
YOUTH = facts.applicant(9, platform="baidu")


def parts() -> Iterator[Part]:
    """Yield the demo's mails in the order in which they are sent."""
    yield _application(
        "library",
        LIBRARY,
        (_form(LIBRARY), _work(1), _licence(LIBRARY)),
        states=("accepted",),
        expect="市直单位的公众号，申报表、图文材料、法人证书俱全，判为“电子材料齐全”。",
    )
    yield _application(
        "company-site",
        COMPANY,
        (_form(COMPANY, Dress(look=Look(tick="box-check"), tick="checkbox")), _work(2), _licence(COMPANY)),
        door="imap",
        states=("accepted",),
        expect="企业网站，填有备案号并附营业执照，判为“电子材料齐全”。",
    )
    yield from _county()
    yield _application(
        "incomplete",
        WEATHER,
        (_form(WEATHER), _work(5)),
        states=("correcting",),
        codes=("summary-too-long", "qualification-missing"),
        expect="主要情况超过1500字，又没有法人证书：一次性告知全部需要补正的内容。",
    )
    yield _application(
        "same-account",
        AGENT,
        (_form(AGENT), _work(6), _electronic(AGENT)),
        door="imap",
        states=("rejected",),
        codes=("duplicate-account",),
        expect="代运营公司又报送了图书馆已申报的公众号：同一账号只通过一种途径申报，不予受理。",
    )
    yield _application(
        "scanned",
        BLOOD,
        (_scan(BLOOD), _work(7), _licence(BLOOD)),
        door="imap",
        states=("accepted", "reviewing"),
        expect="申报表是盖章扫描件，由文字识别读出；读得准的直接收讫，拿不准的请工作人员核定。",
    )
    yield _application(
        "video",
        SCHOOL,
        (_text_pdf(SCHOOL), _video(), _electronic(SCHOOL)),
        states=("accepted",),
        expect="申报表为PDF，工作材料为10秒MP4短视频，附电子证书，判为“电子材料齐全”。",
    )
    yield _application(
        "zip",
        LIXIN,
        (_packed(LIXIN),),
        door="imap",
        states=("accepted",),
        expect="利辛县委网信办把全部材料打成一个压缩包，文件名是GBK编码，照样逐个读出。",
    )
    yield _application(
        "locked",
        YOUTH,
        (_form(YOUTH), File("工作材料（加密）.pdf", pdfs.encrypted), _electronic(YOUTH)),
        states=("correcting",),
        codes=("attachment-unreadable",),
        expect="工作材料设有密码无法打开，请申报单位去掉密码后重新报送。",
    )
    yield from _others()


def _county() -> Iterator[Part]:
    numbers = "一二三四"
    for place, who in enumerate(QIAOCHENG):
        last = place == len(QIAOCHENG) - 1
        yield _application(
            f"qiaocheng-{place + 1}",
            who,
            (_form(who), _work(10 + place), _electronic(who) if last else _licence(who)),
            door="imap" if place % 2 else "smtp",
            states=("rejected",) if last else ("accepted",),
            codes=("quota-county",) if last else (),
            expect="谯城区的第四个账号超出每个县（区）三个的名额，不予受理。"
            if last
            else f"谯城区委网信办报送的第{numbers[place]}个账号，在名额之内，判为“电子材料齐全”。",
        )


def _others() -> Iterator[Part]:
    yield Part(
        id="correction",
        sender=WEATHER.fields.email or "",
        sender_name=WEATHER.fields.organizer or "",
        subject="回复：补正材料",
        text=f"市委网信办：\n    按照来信要求，已压缩主要情况并补充法人证书，请查收。\n\n{WEATHER.fields.organizer}\n{{date}}",
        files=(_form(WEATHER_MENDED), _licence(WEATHER_MENDED)),
        answers="incomplete",
        outcome="supplement",
        states=("accepted",),
        expect="气象局回复本办的补正通知：补交的材料归入原申报，成为第二版，转为“电子材料齐全”。",
    )
    yield Part(
        id="automatic",
        sender=LIBRARY.fields.email or "",
        sender_name=LIBRARY.fields.organizer or "",
        subject="自动回复：材料收讫",
        text="您好，您的邮件已收到，本人外出，将尽快回复。",
        headers=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
        door="imap",
        outcome="ignored",
        expect="对方邮箱的自动回复：不是申报，也绝不再回复。",
    )
    yield Part(
        id="question",
        sender="zixun@example.cn",
        sender_name="某单位办公室",
        subject="咨询申报事宜",
        text="您好，我单位有两个公众号，请问可以都申报吗？纸质材料送到哪个房间？谢谢。",
        outcome="inquiry",
        expect="没有材料的咨询：转给工作人员答复。",
    )


def _application(name: str, who: Applicant, files: tuple[File, ...], **more: object) -> Part:
    unit = f"{who.county}委网信办" if who.county else who.fields.organizer
    text = (
        f"市委网信办网络新闻与传播科：\n    现报送“{who.fields.name}”的申报材料，请查收。\n\n"
        f"{unit}\n联系人：{who.fields.contact}  电话：{who.fields.phone}\n{{date}}"
    )
    domain = (who.fields.email or "").partition("@")[2]
    part = Part(
        id=name,
        sender=f"wangxinban@{domain}" if who.county else who.fields.email or "",
        sender_name=unit or "",
        subject=f"{unit}报送“{who.fields.name}”申报材料",
        text=text,
        files=files,
        expect="",
    )
    return msgspec.structs.replace(part, **more)


def _form(who: Applicant, dress: Dress = forms.VARIANTS["plain"]) -> File:
    return File(f"{who.fields.name}申报表.docx", lambda: forms.docx(who, dress).data)


def _work(seed: int) -> File:
    return File("工作材料.docx", lambda: work.docx(Work(words=620 + 31 * seed, pictures=3, seed=seed)))


def _licence(who: Applicant) -> File:
    return File(f"{who.document}.jpg", lambda: licences.certificate(who).data)


def _electronic(who: Applicant) -> File:
    return File(f"电子{who.document}.pdf", lambda: licences.as_text_pdf(who).data)


def _scan(who: Applicant) -> File:
    return File("申报表（盖章扫描件）.jpg", lambda: scans.form_jpeg(who).data)


def _text_pdf(who: Applicant) -> File:
    return File("申报表.pdf", lambda: pdfs.form(who).data)


def _video() -> File:
    return File("工作展示视频.mp4", lambda: work.video(Video()))


def _packed(who: Applicant) -> File:
    inside = (_form(who), _work(20), _licence(who))
    return File(
        "利辛县申报材料.zip",
        lambda: archives.zipped([(f"申报材料/{file.name}", file.make()) for file in inside]),
    )


def write(folder: Path) -> None:
    """Write the demo's files and `campaign.toml` into `folder`, and remove what no longer belongs there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    made = tuple(parts())
    for part in made:
        for stored, file in stored_files(part):
            (folder / stored).write_bytes(file.make())
    (folder / "campaign.toml").write_text(manifest(made), "utf-8")


def stored_files(part: Part) -> tuple[tuple[str, File], ...]:
    """Return the attachments of `part` with the plain ASCII names they are kept under."""
    return tuple(
        (f"{part.id}-{at}.{file.name.rpartition('.')[2]}", file) for at, file in enumerate(part.files, 1)
    )


def manifest(made: tuple[Part, ...]) -> str:
    """Return the demo's list of mails as TOML."""
    return HEAD + "".join(_entry(part) for part in made)


def _entry(part: Part) -> str:
    lines = ["", "[[mail]]"]
    for key in (
        "id",
        "door",
        "sender",
        "sender_name",
        "subject",
        "text",
        "answers",
        "outcome",
        "states",
        "codes",
        "expect",
    ):
        value = getattr(part, key)
        if value:
            lines.append(f"{key} = {_toml(value)}")
    if part.headers:
        pairs = ", ".join(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in part.headers)
        lines.append(f"headers = {{ {pairs} }}")
    for stored, file in stored_files(part):
        lines += ["[[mail.attachments]]", f"file = {json.dumps(stored)}"]
        lines.append(f"name = {json.dumps(file.name, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """Return `value` as TOML; a JSON string or list of strings is TOML too."""
    if isinstance(value, str) and "\n" in value:
        return f'"""\n{value}"""'
    return json.dumps(value, ensure_ascii=False)
