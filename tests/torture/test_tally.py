from collections import Counter
from pathlib import Path

from tests.torture.ordeal import Figures
from tests.torture.tally import Tally, load, save

FINE = Figures(
    sent=4,
    lost=0,
    judged_twice=0,
    answered=3,
    answered_twice=0,
    uncertain=1,
    unanswered=0,
    blamed=0,
    faults=(),
)


def test_a_second_run_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    path = tmp_path / "tally.json"
    first = load(path)
    first.add(Counter({"judged": 2, "mails kept": 1}), FINE, kills=True)
    save(path, first)
    second = load(path)
    assert second.left(("judged", "mails kept"), 3) == [[], ["mails kept"], ["judged", "mails kept"]]
    second.add(Counter({"no memory": 1}), FINE, kills=False)
    told = list(second.lines())
    assert told[0] == "faults tried: 3 kills, 1 others"
    assert {"mails sent: 8", "mails lost: 0", "mails doubled: 0", "mails uncertain: 2"} <= set(told)


def test_whatever_went_wrong_once_is_not_made_good_by_a_later_run() -> None:
    tally = Tally()
    assert Tally().good
    tally.add(
        Counter({"judged": 1}), FINE._replace(answered_twice=1, faults=("blob missing: 00",)), kills=True
    )
    tally.add(Counter({"judged": 1}), FINE, kills=True)
    assert not tally.good
    assert {"mails doubled: 1", "found by verify: blob missing: 00"} <= set(tally.lines())
