"""What staff can ask; every answer fits a phone's screen."""

from zoneinfo import ZoneInfo

from bot import acts, look, texts, waiting
from bot.access import TERMINAL, Answer, Button, Desk, Person
from bot.decide import found_by
from bot.filters import Wanted, wanted
from intake import labels
from intake.width import shorten, table
from storage import applications, search, tallies
from storage.campaign import Campaign
from storage.tallies import Taken, Waiting

PAGE = 12  # applications that fit a screen or two
NAMED = 8  # receipts named under one problem
UNITS = 10  # direct units named one by one
UNIT_COLUMNS = 24
ECHO_COLUMNS = 20


def status(desk: Desk, person: Person, argument: str) -> Answer:
    """Show one application with what can be done, or without a receipt how many stand where."""
    if not argument:
        return overview(desk)
    found = found_by(desk, argument)
    if found is None:
        return Answer(text=texts.NO_SUCH)
    return Answer(text=texts.card(found, desk), buttons=look.buttons(found, person, desk))


def overview(desk: Desk) -> Answer:
    """Say how many applications stand in which state."""
    counts = tallies.by_state(desk.store.db)
    lines = [f"{labels.STATES[state]} {number}件" for state, number in counts.items() if number]
    return Answer(text="\n".join([f"共{sum(counts.values())}件申报", *lines]))


def today(desk: Desk, _person: Person, _argument: str) -> Answer:
    """Say what came today, what waits for whom, and how long the campaign still runs."""
    day, db = desk.today, desk.store.db
    came = tallies.received_on(db, day, ZoneInfo(desk.campaign.timezone))
    counts = tallies.by_state(db)
    lines = [
        f"{texts.day(day)} 周{texts.WEEKDAYS[day.weekday()]}，{texts.remaining(desk.now(), desk.campaign)}",
        f"今天：来信{came.mails}封，新申报{came.applications}件，发信{came.letters}封",
        *(f"{labels.STATES[state]} {counts[state]}件" for state in texts.WORKED_ON),
        f"累计 {sum(counts.values())}件",
        *waiting.free_places(desk),
        *waiting.besides(desk),
    ]
    return Answer(text="\n".join(lines))


def listing(desk: Desk, _person: Person, argument: str) -> Answer:
    """List applications, all or of a state or county, a page at a time."""
    asked = wanted(argument, desk.campaign)
    if asked is None:
        return Answer(text=_no_such_list(desk.campaign))
    total = tallies.standing(desk.store.db, asked.state, asked.county)
    pages = max(1, -(-total // PAGE))
    what = " ".join(filter(None, (asked.county, asked.state and labels.STATES[asked.state]))) or "全部"
    if asked.page > pages:
        return Answer(text=f"{what}只有{pages}页。")
    start = (asked.page - 1) * PAGE
    shown = applications.page(desk.store.db, PAGE, start, state=asked.state, county=asked.county)
    head = f"{what} {total}件" + (f"，第{asked.page}/{pages}页" if pages > 1 else "")
    turns = {"上一页": asked.page - 1, "下一页": asked.page + 1}
    there = {name: _page(asked, page) for name, page in turns.items() if 1 <= page <= pages}
    more = [f"下一页：{there['下一页']}"] if "下一页" in there else []
    row = tuple(Button(name, command) for name, command in there.items())
    return Answer(text="\n".join([head, *map(texts.line, shown), *more]), buttons=(row,) if row else ())


def _page(asked: Wanted, page: int) -> str:
    return " ".join(filter(None, ("/list", asked.county, asked.state, str(page))))


def _no_such_list(campaign: Campaign) -> str:
    states = "、".join(name.split("，")[0] for name in labels.STATES.values())
    counties = "、".join(one.name for one in campaign.counties)
    return f"没有这样的状态或县区。可以用\n状态：{states}\n县区：{counties}\n例如：/list 待补正"


def problems(desk: Desk, _person: Person, _argument: str) -> Answer:
    """Name what is open by what a person has to do, first what staff must decide, each with receipts."""
    named = tallies.waiting_for(desk.store.db, NAMED)
    lines: list[str] = []
    for act, those in acts.grouped(named).items():
        lines += [f"【{act}】", *(_problem(one, desk.campaign) for one in those)]
    besides = waiting.besides(desk)
    lines += ["【查看信件和来信】", *besides] if besides else []
    buttons = (Button("待核定名单", "/list reviewing"), Button("待补正名单", "/list correcting"))
    return Answer(text="\n".join(lines) or "目前没有待办的问题。", buttons=(buttons,) if named else ())


def _problem(one: Waiting, campaign: Campaign) -> str:
    numbers = [receipt.removeprefix(f"{campaign.receipt_prefix}-") for receipt in one.receipts]
    more = "等" if one.number > len(numbers) else ""
    return f"{labels.PROBLEMS[one.code]} {one.number}件：{'、'.join(numbers)}{more}"


def quota(desk: Desk, _person: Person, _argument: str) -> Answer:
    """Return the places of accounts as a small table: the counties, then the direct units."""
    held = tallies.taken_by_counties(desk.store.db)
    names = [one.name for one in desk.campaign.counties]
    strange = [county for county in held if county not in names]
    allowed = desk.campaign.quota.county
    rows = [_place(name or "县区不明", held.get(name), allowed) for name in [*names, *strange]]
    counties = table(("县区账号", "名额", "已占", "剩余", "未定"), rows)
    return Answer(text=f"{counties}\n\n{_direct(desk)}", table=True)


def _place(name: str, taken: Taken | None, allowed: int) -> tuple[str, ...]:
    used, waiting = (taken.used, taken.waiting) if taken else (0, 0)
    return name, str(allowed), str(used), str(allowed - used), str(waiting)


def _direct(desk: Desk) -> str:
    """Return the direct units in one line, and those by name that hold more than they may, or a few."""
    units, used = tallies.direct_units(desk.store.db)
    allowed = desk.campaign.quota.direct
    head = f"市直单位每家{allowed}个：{units}家已占{used}个"
    if desk.minimal:  # a unit may be a person
        return head
    shown = tallies.taken_by_units(desk.store.db, UNITS, over=0 if units <= UNITS else allowed)
    rows = [(shorten(texts.plain(one.whose), UNIT_COLUMNS), str(one.used)) for one in shown]
    return "\n".join([head, *([table(("单位", "已占"), rows)] if rows else [])])


def search_text(desk: Desk, _person: Person, argument: str) -> Answer:
    """List the applications that hold every word of the text."""
    if not argument:
        return Answer(text="请写上要找的文字，例如：/search 谯城")
    found = search.find(desk.store.db, argument, PAGE + 1)
    asked = "所查文字" if desk.minimal else f"“{shorten(texts.plain(argument), ECHO_COLUMNS)}”"
    if not found:
        return Answer(text=f"没有找到{asked}。可以换用名称、单位、联系人或电话里的几个字。")
    those = applications.of_receipts(desk.store.db, found[:PAGE])
    head = f"{asked}共{len(found)}件" if len(found) <= PAGE else f"{asked}前{PAGE}件，可再加几个字"
    return Answer(text="\n".join([head, *map(texts.line, those)]))


def export(desk: Desk, person: Person, _argument: str) -> Answer:
    """Send the 汇总表 where contact data may go; elsewhere say how to get it."""
    if person.channel == TERMINAL:
        return Answer(text="请在终端运行：shenbao export 汇总表.xlsx")
    if desk.minimal or person.group:
        where = "本渠道只发编号、名称、状态和数量" if desk.minimal else "群里不发含联系方式的文件"
        return Answer(text=f"{where}。请在办公电脑上运行：shenbao export 汇总表.xlsx")
    return Answer(text=f"申报汇总表，{texts.moment(desk.now(), desk.campaign)}", later=_workbook)


def _workbook(desk: Desk) -> Answer:
    from intake.office.export import export as workbook  # noqa: PLC0415 -- openpyxl, for who asks for a table

    file = workbook(desk.store, desk.campaign, now=desk.now())
    return Answer(text="", file=file, name=f"申报汇总表{desk.today:%Y%m%d}.xlsx")
