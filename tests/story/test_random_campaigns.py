"""What must hold in every campaign: random mails, corrections, withdrawals and repeats, in any order."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from intake import pipeline
from intake.handling import Taken
from storage import applications
from storage.model import Channel, Clock, Code, MailOutcome, State
from storage.verify import verify
from tests.story.campaigns import (
    COUNTIES,
    PLACES,
    TWICE,
    UNITS,
    Entry,
    Lookup,
    holders,
    posted,
    rejecting,
    words,
)
from tests.story.office import CAMPAIGN, LATE, START, Office

entries = st.builds(
    Entry,
    unit=st.integers(0, len(UNITS) - 1),
    account=st.integers(0, 7),
    county=st.integers(0, len(COUNTIES) - 1),
    unsure=st.sampled_from((None, None, None, None, "identifier", "organizer", "mobile")),
    whole=st.booleans(),
    mobile=st.just(0),
)
# Minutes after the first mail; some lie before what was judged, some after the deadline.
hours = st.one_of(st.none(), st.none(), st.integers(-48, 24), st.integers(110, 130))


def may_rest_on(entry: Entry) -> frozenset[Code]:
    """Return what may reject `entry`: nothing that asks for what was hard to read in it."""
    by_county = frozenset({Code.LATE, Code.QUOTA_COUNTY, Code.DUPLICATE_ACCOUNT})
    allowed = {
        "identifier": frozenset({Code.LATE}),
        "organizer": by_county if COUNTIES[entry.county] else frozenset({Code.LATE}),
    }
    return allowed.get(entry.unsure or "", frozenset(Code))


class Campaign(RuleBasedStateMachine):
    """A campaign from the first mail to the last; each step is one mail."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.office = Office(Path(self.folder.name), Lookup())
        self.sent: list[Taken] = []
        self.brought: dict[str, Entry] = {}
        self.raws: list[bytes] = []
        self.number = 0

    def teardown(self) -> None:
        try:
            self.take_everything_back()
        finally:
            self.office.store.close()
            self.folder.cleanup()

    def take(self, raw: bytes, hour: int | None = None, clock: Clock = Clock.INTERNALDATE) -> Taken:
        at = None if hour is None else START + timedelta(hours=hour, seconds=self.number)
        self.number += 1
        taken = self.office.take(raw, at, clock)
        self.sent.append(taken)
        self.raws.append(raw)
        return taken

    def standing(self) -> list[str]:
        """Return the receipts that may still be changed by their applicant."""
        return [one.receipt for one in self.office.all() if one.state is not State.WITHDRAWN]

    @initialize(entry=entries)
    def the_first(self, entry: Entry) -> None:
        self.apply(entry, None, imported=False)

    @rule(entry=entries, hour=hours, imported=st.booleans())
    def apply(self, entry: Entry, hour: int | None, *, imported: bool) -> None:
        clock = Clock.IMPORT if imported else Clock.INTERNALDATE
        taken = self.take(posted(entry, f"报送{self.number}"), hour, clock)
        assert len(taken.applications) == 1
        self.brought[taken.applications[0].receipt] = entry
        if imported:
            assert "late" not in {problem.code for problem in rejecting(taken.applications[0])}

    @precondition(lambda self: self.standing())
    @rule(data=st.data(), hour=hours)
    def correct(self, data: st.DataObject, hour: int | None) -> None:
        """Hand the same in again, complete and plain to read, with another number to call."""
        receipt = data.draw(st.sampled_from(self.standing()))
        old, entry = self.office.now(receipt), self.brought[receipt]
        mended = entry._replace(whole=True, unsure=None, mobile=self.number % 10)
        taken = self.take(posted(mended, f"补正{receipt}（{self.number}）"), hour)
        self.brought[receipt] = mended
        (new,) = taken.applications
        assert (taken.outcome, new.receipt, new.version) == (MailOutcome.SUPPLEMENT, receipt, old.version + 1)
        if entry.unsure is None and old.state is not State.REJECTED:
            assert new.state is not State.REJECTED

    @precondition(lambda self: self.standing())
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        self.take_back(data.draw(st.sampled_from(self.standing())))

    @precondition(lambda self: self.standing())
    @rule(data=st.data())
    def a_stranger_withdraws(self, data: st.DataObject) -> None:
        before = self.office.all()
        receipt = data.draw(st.sampled_from(self.standing()))
        taken = self.take(words("stranger@example.cn", f"撤回申报 {receipt}", f"撤回{self.number}"))
        assert (taken.outcome, self.office.all()) == (MailOutcome.INQUIRY, before)

    @precondition(lambda self: self.standing())
    @rule(data=st.data())
    def a_stranger_renews(self, data: st.DataObject) -> None:
        """What comes of the same account from elsewhere moves nothing but to let a person look."""
        receipt = data.draw(st.sampled_from(self.standing()))
        before, entry = self.office.now(receipt), self.brought[receipt]
        changed = entry._replace(mobile=(entry.mobile + 1) % 10)
        taken = self.take(posted(changed, f"另报{self.number}", sender="stranger@example.cn"))
        for one in taken.applications:
            self.brought.setdefault(one.receipt, changed)
        now = self.office.now(receipt)
        assert (now.version, now.fields, now.addresses) == (before.version, before.fields, before.addresses)
        assert now.state in {before.state, State.REVIEWING}

    @precondition(lambda self: self.open())
    @rule(data=st.data(), account=st.integers(0, 7))
    def exchange(self, data: st.DataObject, account: int) -> None:
        """Give one back and bring another in one mail."""
        receipt = data.draw(st.sampled_from(self.open()))
        entry = self.brought[receipt]._replace(account=account, unsure=None)
        if account == self.brought[receipt].account:
            return
        text = f"现申请撤回{receipt}的申报，改报本账号。"
        taken = self.take(posted(entry, f"改报{self.number}", text=text))
        for one in taken.applications:
            self.brought[one.receipt] = entry if one.receipt != receipt else self.brought[receipt]
        assert self.office.now(receipt).state is State.WITHDRAWN

    def open(self) -> list[str]:
        """Return the receipts that stand and are not turned down."""
        return [one for one in self.standing() if self.office.now(one).state is not State.REJECTED]

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """Let the same bytes come by another door."""
        before = self.office.all()
        raw = b"X-Again: %d\r\n" % self.number + self.raws[data.draw(st.integers(0, len(self.raws) - 1))]
        assert self.take(raw).outcome is MailOutcome.DUPLICATE
        assert self.office.all() == before
        self.raws.pop()

    def take_back(self, receipt: str) -> None:
        sender = self.brought[receipt].sender
        taken = self.take(words(sender, f"撤回申报 {receipt}", f"现申请撤回{self.number}"))
        assert taken.outcome is MailOutcome.WITHDRAWAL
        assert self.office.now(receipt).state is State.WITHDRAWN

    def take_everything_back(self) -> None:
        for receipt in self.standing():
            self.take_back(receipt)
        db = self.office.store.db
        assert {one.state for one in self.office.all()} <= {State.WITHDRAWN}
        for one in self.office.all():
            assert not applications.on_quota(db, one.channel, one.county, one.submitter_key, None)
            assert not applications.same_account(db, one.account_key, None)
            assert not applications.same_operator(db, one.operator_key, one.operator_code, None)
        assert verify(self.office.store) == []

    @invariant()
    def nobody_holds_more_places_than_the_quota(self) -> None:
        held = Counter(
            (one.channel, one.county if one.channel is Channel.COUNTY else one.submitter_key)
            for one in holders(self.office.all(), PLACES)
        )
        quota = {Channel.DIRECT: CAMPAIGN.quota.direct, Channel.COUNTY: CAMPAIGN.quota.county}
        assert [who for who, number in held.items() if number > quota[who[0]]] == []

    @invariant()
    def no_account_stands_twice(self) -> None:
        stand = Counter(one.account_key for one in holders(self.office.all(), TWICE))
        assert [key for key, number in stand.items() if number > 1] == []

    @invariant()
    def every_rejection_names_certain_evidence(self) -> None:
        for one in self.office.all():
            reasons = rejecting(one)
            assert bool(reasons) is (one.state is State.REJECTED) or one.state is State.WITHDRAWN
            for problem in reasons:
                assert all((problem.fact, problem.clause, problem.where, problem.message))
                assert problem.code in may_rest_on(self.brought[one.receipt])

    @invariant()
    def receipts_run_on(self) -> None:
        receipts = [one.receipt for one in self.office.all()]
        assert receipts == [f"WM2022-{number:04d}" for number in range(1, len(receipts) + 1)]

    @invariant()
    def a_mail_has_one_reply_at_most(self) -> None:
        letters = self.office.letters()
        assert len({one.cause for one in letters}) == len(letters)
        assert len({one.message_id for one in letters}) == len(letters)


TestCampaign = Campaign.TestCase
TestCampaign.settings = settings(
    max_examples=20,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def told(folder: Path, batch: Sequence[Entry], order: Sequence[int]) -> list[object]:
    """Return what a look at the mailbox comes to when its mails were kept in this order."""
    with Office(folder, Lookup()) as office:
        for place in order:
            at = LATE - timedelta(minutes=3) + timedelta(minutes=place)
            office.keep(posted(batch[place], f"报送{place}"), at)
        done = list(pipeline.work_off(office.line))
        return [
            (
                taken.message.received_at,
                taken.outcome,
                [(one.receipt, one.version, one.state, one.problems) for one in taken.applications],
                taken.letter and (taken.letter.kind, taken.letter.receipts, taken.letter.to),
            )
            for taken in done
        ]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(batch=st.lists(entries, min_size=2, max_size=7), data=st.data())
def test_the_order_of_keeping_does_not_matter_to_a_batch(batch: list[Entry], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(batch))))
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        plain = told(Path(one), batch, range(len(batch)))
        assert len(plain) == len(batch)
        assert told(Path(other), batch, order) == plain
