"""A campaign's terms as this program can follow them: the file, its own letters, and names that are printed on the form."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from intake.letters import letter_texts
from parsers import ticks
from storage import campaign_file, toml_lines
from storage.campaign import Campaign
from storage.campaign_checks import Mistake
from storage.campaign_file import CampaignError


def load(path: Path) -> Campaign:
    """Return the campaign of the file, checked whole; raises CampaignError with all mistakes, OSError."""
    campaign = campaign_file.load(path)
    lines = toml_lines.positions(path.read_text("utf-8-sig"))
    names = (replace(one, line=toml_lines.place(lines, one.key)) for one in _categories(campaign))
    if found := (*names, *letter_texts.mistakes(campaign)):
        raise CampaignError(found)
    return campaign


def _categories(campaign: Campaign) -> Iterator[Mistake]:
    """Yield the categories whose printed names a form's reader would not know: no tick would ever be found."""
    for key in ("government_news", "commercial", "other"):
        name = campaign.categories.named(key)
        if ticks.read(f"{name}（√）").ticked != (key,):
            told = f"读表程序认不出“{name}”是这一类，请用通知申报表上的名称"
            yield Mistake(line=None, key=f"categories.{key}", message=told)
