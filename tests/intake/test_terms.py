"""A campaign's own names for the form's categories: printed, told, and known again when the form comes back."""

import io
from pathlib import Path

import docx
import pytest
from msgspec.structs import replace

import intake
from intake import terms
from intake.office.blank import blank_form
from intake.rules.form import category_unclear
from parsers import ticks
from storage.campaign import Categories
from storage.campaign_file import CampaignError
from tests.intake.made import CAMPAIGN, case, form

FILE = Path(intake.__file__).parent / "campaigns" / "bozhou-2022.toml"
OWN = replace(CAMPAIGN, categories=Categories(government_news="政府新闻类", other="其它"))


def with_name(folder: Path, name: str) -> Path:
    """Return the campaign file with `name` for what is commercial."""
    file = folder / "own.toml"
    file.write_text(
        FILE.read_text("utf-8").replace('commercial = "商业类"', f'commercial = "{name}"'), "utf-8"
    )
    return file


def test_the_names_are_the_campaigns(tmp_path: Path) -> None:
    assert terms.load(with_name(tmp_path, "商 业 类")).categories.named("commercial") == "商 业 类"


def test_a_name_that_no_reader_knows_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    file = with_name(tmp_path, "企业类")
    (line,) = (at for at, text in enumerate(file.read_text("utf-8").splitlines(), 1) if "企业类" in text)
    with pytest.raises(CampaignError, match=f"第 {line} 行 categories.commercial：读表程序认不出“企业类”"):
        terms.load(file)


def test_every_name_of_the_notice_is_known_by_its_tick() -> None:
    for key in ("government_news", "commercial", "other"):
        assert ticks.read(f"{CAMPAIGN.categories.named(key)}（√）").ticked == (key,)


def test_the_blank_form_and_the_letters_use_the_names() -> None:
    cell = docx.Document(io.BytesIO(blank_form(OWN))).tables[0].cell(1, 1)
    assert [line.partition("（")[0].strip() for line in cell.text.splitlines()] == [
        "政府新闻类",
        "商业类",
        "其它",
    ]
    (found,) = category_unclear(case(form(category=None)), OWN)
    assert "“政府新闻类”“商业类”“其它”" in found.message
