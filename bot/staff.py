"""What staff can ask; every answer fits a phone's screen."""

from itertools import islice
from zoneinfo import ZoneInfo

from bot import receipts, texts
from bot.access import TERMINAL, Answer, Desk, Person
from bot.filters import wanted
from intake import labels
from intake.export import export as workbook
from intake.width import shorten, table
from storage import applications, search, tallies
from storage.campaign import Campaign
from storage.model import Application, Channel, Code, Outcome
from storage.tallies import QuotaLine

PAGE = 12  # applications that fit a screen or two
NAMED = 8  # receipts named under one problem
UNITS = 10  # direct units named one by one
UNIT_COLUMNS = 24
ECHO_COLUMNS = 20


def status(desk: Desk, _person: Person, argument: str) -> Answer:
    """Show one application, or without a receipt how many stand where."""
    if not argument:
        return overview(desk)
    found = found_by(desk, argument)
    return Answer(text=texts.card(found, desk) if found else texts.NO_SUCH)


def found_by(desk: Desk, typed: str) -> Application | None:
    """Return the application of a receipt as staff type it: `12` will do."""
    receipt = receipts.normal(typed, desk.campaign.receipt_prefix)
    return applications.get(desk.store.db, receipt) if receipt else None


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
    held = {line.county: line.used for line in tallies.quota(db) if line.county}
    allowed = desk.campaign.quota.county
    free = [f"{one.name}{max(0, allowed - held.get(one.name, 0))}" for one in desk.campaign.counties]
    lines = [
        f"{texts.day(day)} 周{texts.WEEKDAYS[day.weekday()]}，{texts.remaining(desk.now(), desk.campaign)}",
        f"今天：来信{came.mails}封，新申报{came.applications}件，发信{came.letters}封",
        *(f"{labels.STATES[state]} {counts[state]}件" for state in texts.WORKED_ON),
        f"累计 {sum(counts.values())}件",
        f"县区剩余名额：{'、'.join(free)}",
    ]
    return Answer(text="\n".join(lines))


def listing(desk: Desk, _person: Person, argument: str) -> Answer:
    """List applications, all or of a state or county, a page at a time."""
    asked = wanted(argument, desk.campaign)
    if asked is None:
        return Answer(text=_no_such_list(desk.campaign))
    found = list(applications.every(desk.store.db, state=asked.state, county=asked.county))
    pages = max(1, -(-len(found) // PAGE))
    what = " ".join(filter(None, (asked.county, asked.state and labels.STATES[asked.state]))) or "全部"
    if asked.page > pages:
        return Answer(text=f"{what}只有{pages}页。")
    shown = found[(asked.page - 1) * PAGE : asked.page * PAGE]
    head = f"{what} {len(found)}件" + (f"，第{asked.page}/{pages}页" if pages > 1 else "")
    words = " ".join(filter(None, (asked.county, asked.state)))
    more = [f"下一页：/list {words} {asked.page + 1}".replace("  ", " ")] if asked.page < pages else []
    return Answer(text="\n".join([head, *map(texts.line, shown), *more]))


def _no_such_list(campaign: Campaign) -> str:
    states = "、".join(name.split("，")[0] for name in labels.STATES.values())
    counties = "、".join(one.name for one in campaign.counties)
    return f"没有这样的状态或县区。可以用\n状态：{states}\n县区：{counties}\n例如：/list 待补正"


def problems(desk: Desk, _person: Person, _argument: str) -> Answer:
    """Name what is open, first what staff must decide, each with the receipts it concerns."""
    named = tallies.waiting_for(desk.store.db)
    heads = {Outcome.REVIEW: "【待核定，请工作人员决定】", Outcome.CORRECT: "【待补正，等申报单位】"}
    lines: list[str] = []
    for outcome, head in heads.items():
        those = {code: got for (found, code), got in named.items() if found is outcome}
        ordered = sorted(those, key=lambda code: (-len(those[code]), code))
        lines += [head] if those else []
        lines += [_problem(code, those[code], desk.campaign) for code in ordered]
    return Answer(text="\n".join(lines) or "目前没有待办的问题。")


def _problem(code: Code, found: list[str], campaign: Campaign) -> str:
    numbers = [receipt.removeprefix(f"{campaign.receipt_prefix}-") for receipt in found[:NAMED]]
    more = "等" if len(found) > NAMED else ""
    return f"{labels.PROBLEMS[code]} {len(found)}件：{'、'.join(numbers)}{more}"


def quota(desk: Desk, _person: Person, _argument: str) -> Answer:
    """Return the places of accounts as a small table: the counties, then the direct units."""
    lines = tallies.quota(desk.store.db)
    by_county = {line.county: line for line in lines if line.channel is Channel.COUNTY}
    names = [one.name for one in desk.campaign.counties]
    strange = [county for county in by_county if county not in names]
    allowed = desk.campaign.quota.county
    rows = [_place(name or "县区不明", by_county.get(name), allowed) for name in [*names, *strange]]
    counties = table(("县区账号", "名额", "已占", "剩余", "未定"), rows)
    return Answer(text=f"{counties}\n\n{_direct(lines, desk.campaign)}", table=True)


def _place(name: str, line: QuotaLine | None, allowed: int) -> tuple[str, ...]:
    used, waiting = (line.used, line.waiting) if line else (0, 0)
    return name, str(allowed), str(used), str(allowed - used), str(waiting)


def _direct(lines: list[QuotaLine], campaign: Campaign) -> str:
    """Return the direct units in one line, and those by name that hold more than they may, or a few."""
    units = [line for line in lines if line.channel is Channel.DIRECT]
    allowed = campaign.quota.direct
    head = f"市直单位每家{allowed}个：{len(units)}家已占{sum(line.used for line in units)}个"
    over = [line for line in units if line.used > allowed]
    shown = units if len(units) <= UNITS else over
    rows = [(shorten(texts.plain(one.submitter), UNIT_COLUMNS), str(one.used)) for one in shown]
    return "\n".join([head, *([table(("单位", "已占"), rows)] if rows else [])])


def search_text(desk: Desk, _person: Person, argument: str) -> Answer:
    """List the applications that hold every word of the text."""
    if not argument:
        return Answer(text="请写上要找的文字，例如：/search 谯城")
    found = search.find(desk.store.db, argument, PAGE + 1)
    asked = shorten(texts.plain(argument), ECHO_COLUMNS)
    if not found:
        return Answer(text=f"没有找到“{asked}”。可以换用名称、单位、联系人或电话里的几个字。")
    those = (applications.get(desk.store.db, receipt) for receipt in islice(found, PAGE))
    head = f"“{asked}”共{len(found)}件" if len(found) <= PAGE else f"“{asked}”前{PAGE}件，可再加几个字"
    return Answer(text="\n".join([head, *(texts.line(one) for one in those if one)]))


def export(desk: Desk, person: Person, _argument: str) -> Answer:
    """Send the 汇总表 where contact data may go; elsewhere say how to get it."""
    if person.channel == TERMINAL:
        return Answer(text="请在终端运行：shenbao export 汇总表.xlsx")
    if desk.minimal or person.group:
        where = "本渠道只发编号、名称、状态和数量" if desk.minimal else "群里不发含联系方式的文件"
        return Answer(text=f"{where}。请在办公电脑上运行：shenbao export 汇总表.xlsx")
    name = f"申报汇总表{desk.today:%Y%m%d}.xlsx"
    file = workbook(desk.store, desk.campaign, now=desk.now())
    return Answer(text=f"申报汇总表，{texts.moment(desk.now(), desk.campaign)}", file=file, name=name)
