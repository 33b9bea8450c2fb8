from msgspec.structs import replace

from intake import rules
from storage.campaign import ASKED, Material
from storage.model import Code, DocumentType
from tests.intake.made import CAMPAIGN, case, website

ONLY_FORMS_OF_ACCOUNTS = replace(
    CAMPAIGN, material=Material(account=frozenset({DocumentType.FORM}), website=ASKED)
)
MISSING = {Code.WORK_MISSING, Code.QUALIFICATION_MISSING}


def test_what_the_campaign_does_not_ask_of_a_kind_is_not_missing() -> None:
    bare, site = case(sent=()), case(website(), sent=())
    assert {problem.code for problem in rules.examine(bare, CAMPAIGN)} >= MISSING
    assert rules.examine(bare, ONLY_FORMS_OF_ACCOUNTS) == ()
    assert {problem.code for problem in rules.examine(site, ONLY_FORMS_OF_ACCOUNTS)} >= MISSING
