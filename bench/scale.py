"""The calculation of docs/scale.md: how many machines, hours and disks a campaign of some size takes, from measured figures.

`python -m cogapp -r docs/scale.md` (`make docs`) makes its tables anew: a new measurement is a changed default here.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

HOUR = 3600


class Measured(NamedTuple):
    """What one core of the machine that is named in docs/scale.md took, each with the part of `make bench` that says so."""

    page_seconds: float = 3.2  # CPU of one recognised page (`reading`)
    text_seconds: float = 0.011  # CPU of another file: form and work as docx, text PDF (`line`)
    serial_seconds: float = 0.015  # CPU of the one process that opens, judges, answers a mail (`line`)
    sent_seconds: float = 0.08  # a worker's price for a page of 300 KB that is sent (`cluster`)
    database_bytes: float = 25_400  # that an application adds (`store`)
    blobs_a_mail: float = 1.72  # times the mail: it is kept, and so is each file in it (`store`)


class Campaign(NamedTuple):
    """What comes in, as is assumed."""

    name: str
    offices: int  # each has a store of its own
    attachments: int
    days: float = 3
    attachments_a_mail: float = 3
    scans: float = 0.4  # of the attachments
    pages: float = 1.5  # of a scan
    attachment_bytes: float = 1_000_000
    rush: float = 0.5  # of all, on the last evening
    rush_hours: float = 6
    rush_hour: float = 0.15  # of all, in its busiest hour


COUNTRY = 333
CAMPAIGNS = (
    Campaign("一个市", 1, 300_000 // COUNTRY),
    Campaign("一个省（16个市）", 16, 16 * 300_000 // COUNTRY),
    Campaign("全国（333个市）", COUNTRY, 300_000),
)


class Needed(NamedTuple):
    """What a campaign needs."""

    mails: float
    page_hours: float  # of one core
    text_hours: float
    cores_steady: float  # to keep pace when it comes evenly
    cores_rush: float  # to be done with the last evening's by its end
    price: float  # of the cluster, as a share of recognising
    writer_steady: float  # share of one writer's time, were there one for all
    writer_rush: float  # the same in the busiest hour
    disk_gb: float


def needed(of: Campaign, by: Measured) -> Needed:
    """Return what `of` needs on machines as they were measured."""
    mails = of.attachments / of.attachments_a_mail
    pages = of.attachments * of.scans * of.pages
    page_hours = pages * by.page_seconds / HOUR
    text_hours = of.attachments * (1 - of.scans) * by.text_seconds / HOUR
    whole = page_hours + text_hours
    mail_bytes = of.attachments * of.attachment_bytes * 4 / 3  # base64
    return Needed(
        mails=mails,
        page_hours=page_hours,
        text_hours=text_hours,
        cores_steady=whole / (24 * of.days),
        cores_rush=whole * of.rush / of.rush_hours,
        price=by.sent_seconds / by.page_seconds,
        writer_steady=mails * by.serial_seconds / (24 * of.days * HOUR),
        writer_rush=mails * of.rush_hour * by.serial_seconds / HOUR,
        disk_gb=(mail_bytes * by.blobs_a_mail + mails * by.database_bytes) / 1e9,
    )


def writer_ends(of: Campaign, by: Measured) -> float:
    """Return how many attachments in all would keep one writer busy through the busiest hour."""
    return HOUR / by.serial_seconds / of.rush_hour * of.attachments_a_mail


Tell = Callable[[Campaign, Needed], str]
ROWS: tuple[tuple[str, Tell], ...] = (
    ("附件（份）", lambda one, _: f"{one.attachments:,}"),
    ("邮件（封）", lambda _, need: f"{need.mails:,.0f}"),
    ("识别扫描件，一个核要几小时", lambda _, need: f"{need.page_hours:,.1f}"),
    ("读其他文件，一个核要几小时", lambda _, need: f"{need.text_hours:,.1f}"),
    ("三天里均匀到来，要几个核", lambda _, need: f"{need.cores_steady:,.2f}"),
    ("最后一晚六小时来一半、当晚读完，要几个核", lambda _, need: f"{need.cores_rush:,.1f}"),
    ("同上，8核的电脑几台", lambda _, need: f"{math.ceil(need.cores_rush / 8):,}"),
    ("用集群读，每页多花的时间", lambda _, need: f"{need.price:.1%}"),
    ("若只有一个写入者，平均占用它的时间", lambda _, need: f"{need.writer_steady:.2%}"),
    ("若只有一个写入者，最忙的一小时占用", lambda _, need: f"{need.writer_rush:.1%}"),
    ("磁盘（GB，原件和数据库）", lambda _, need: f"{need.disk_gb:,.1f}"),
)


def measured(by: Measured | None = None) -> str:
    """Return the figures that the tables rest on, each with the part of `make bench` that measures it."""
    of = by or Measured()
    rows = (
        ("识别一页（CPU）", f"{of.page_seconds} 秒", "reading"),
        ("读一份不用识别的文件（CPU，平均）", f"{of.text_seconds} 秒", "line"),
        ("审核、写库、回信，一封信（主进程的 CPU，一个写入者最多这么忙）", f"{of.serial_seconds} 秒", "line"),
        ("一页传到工作机再传回，多花的", f"{of.sent_seconds} 秒", "cluster"),
        ("一件申报在数据库里", f"{of.database_bytes:,.0f} 字节", "store"),
        ("原件所占，是来信的", f"{of.blobs_a_mail} 倍", "store"),
    )
    lines = ["| 做什么 | 多少 | `make bench ARGS=` |", "| --- | ---: | --- |"]
    return "\n".join(lines + [f"| {what} | {much} | `{part}` |" for what, much, part in rows])


def end_of_one_writer(by: Measured | None = None) -> str:
    """Return how much of the country's mail one writer would bear."""
    most = writer_ends(CAMPAIGNS[-1], by or Measured())
    times = most / CAMPAIGNS[-1].attachments
    return (
        f"最忙的一小时来全部的{CAMPAIGNS[-1].rush_hour:.0%}，一个写入者要到三天{most:,.0f}份附件才忙不过来，"
        f"是全国的{times:,.0f}倍。"
    )


def table(by: Measured | None = None) -> str:
    """Return the tables of docs/scale.md."""
    rows = [(one, needed(one, by or Measured())) for one in CAMPAIGNS]
    lines = [
        "| | " + " | ".join(one.name for one, _ in rows) + " |",
        "| --- |" + " ---: |" * len(rows),
    ]
    for head, tell in ROWS:
        lines.append(f"| {head} | " + " | ".join(tell(*row) for row in rows) + " |")
    return "\n".join(lines)
