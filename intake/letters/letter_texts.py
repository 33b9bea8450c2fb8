"""The templates of letters: ours beside this file, with a campaign's own in their place; and what is wrong with those."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler
from msgspec.structs import replace

from intake.letters.sections import Section
from storage.campaign import Campaign
from storage.campaign_checks import Mistake
from storage.model import Noun

HEADINGS = ("一", "二", "三", "四", "五", "六", "七", "八")
FOLDER = Path(__file__).parent.parent / "templates"


def _environment(kind: type[jinja2.Environment], *loaders: jinja2.BaseLoader) -> jinja2.Environment:
    return kind(
        loader=jinja2.ChoiceLoader([*loaders, jinja2.FileSystemLoader(FOLDER)]),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(default=False),  # the letters are plain text
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


_OURS = _environment(jinja2.Environment)
# What each letter knows, and what all of them do; a file of macros is told what it needs by who uses it.
SHARED = frozenset(
    {
        "addressee",
        "campaign",
        "deadline",
        "deadline_day",
        "grace",
        "heading",
        "in_time",
        "objection",
        "today",
    }
)
MACROS = "parts.j2"
KNOWN: Mapping[str, frozenset[str]] = {
    "letter.j2": SHARED,
    MACROS: frozenset(),
    "answer.j2": SHARED | {"sections", "kind", "received", "renewed", "files"},
    "status.j2": SHARED | {"sections"},
    "withdrawal.j2": SHARED | {"sections", "received"},
    "inquiry.j2": SHARED | {"received", "files", "known"},
    "decision.j2": SHARED | {"sections", "told", "accepted", "reason"},
    "recorded.j2": SHARED | {"sections", "told", "files"},
    "reminder.j2": SHARED | {"sections"},
    "result.j2": SHARED | {"told", "reached", "award", "stage", "following"},
}


def template(name: str, campaign: Campaign) -> jinja2.Template:
    """Return the template of this name: the campaign's own, or ours."""
    return _of(campaign).get_template(name)


def headings() -> Cycler:
    """Return the numbers of a letter's parts, one after another."""
    return Cycler(*HEADINGS)


def mistakes(campaign: Campaign) -> Iterator[Mistake]:
    """Yield what is wrong with the campaign's own templates, with the line in each."""
    for name, source in campaign.texts.items():
        for mistake in _mistakes(name, source, campaign):
            yield replace(mistake, file=name)


def _of(campaign: Campaign) -> jinja2.Environment:
    return _theirs(tuple(campaign.texts.items())) if campaign.texts else _OURS


@lru_cache
def _theirs(texts: tuple[tuple[str, str], ...]) -> jinja2.Environment:
    """Return where a campaign's own templates stand in place of ours; who writes them is no programmer."""
    return _environment(ImmutableSandboxedEnvironment, jinja2.DictLoader(dict(texts)))


def _mistakes(name: str, source: str, campaign: Campaign) -> Iterator[Mistake]:
    if name not in KNOWN:
        near = get_close_matches(name, KNOWN, n=1)
        hint = f"，是不是 {near[0]}？" if near else f"，只能是 {'、'.join(KNOWN)}"
        yield Mistake(line=None, key="", message=f"没有这个名称的信函模板{hint}")
        return
    environment = _of(campaign)
    try:
        tree = environment.parse(source)
        environment.compile(source)
        unknown = meta.find_undeclared_variables(tree) - KNOWN[name] - _own_names(tree)
    except jinja2.TemplateSyntaxError as error:
        yield Mistake(line=error.lineno, key="", message=f"模板的写法不对（{error.message}）")
        return
    yield from _names(tree, unknown, KNOWN[name])
    yield from _attributes(tree, campaign)
    yield from _references(tree, environment)


def _own_names(tree: nodes.Template) -> set[str]:
    """Return what a template names itself outside its blocks, which jinja2 does not count as known inside them."""
    stored = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}
    return (
        stored
        | {one.target for one in tree.find_all(nodes.Import)}
        | {one.name for one in tree.find_all(nodes.Macro)}
    )


def _names(tree: nodes.Template, unknown: set[str], known: frozenset[str]) -> Iterator[Mistake]:
    """Yield each variable that this letter is not told, at its first place."""
    for name in sorted(unknown):
        line = min(one.lineno for one in tree.find_all(nodes.Name) if one.name == name)
        near = get_close_matches(name, known, n=1)
        hint = f"，是不是 {near[0]}？" if near else ""
        yield Mistake(line=line, key=name, message=f"这封信里没有这个变量{hint}")


def _attributes(tree: nodes.Template, campaign: Campaign) -> Iterator[Mistake]:
    """Yield each part of a campaign or of an application in a letter that it does not have."""
    for found in tree.find_all(nodes.Getattr):
        *path, last = _path(found)
        if path[:1] == ["campaign"]:
            holder = _at(campaign, path[1:])
            missing = isinstance(holder, Noun) and not hasattr(holder, last)
        else:
            missing = path in (["told"], ["one"]) and not hasattr(Section, last)
        if missing:
            yield Mistake(line=found.lineno, key=".".join([*path, last]), message="没有这一项")


def _references(tree: nodes.Template, environment: jinja2.Environment) -> Iterator[Mistake]:
    for one in tree.find_all((nodes.Extends, nodes.Import, nodes.FromImport, nodes.Include)):
        named = getattr(one, "template", None)
        if isinstance(named, nodes.Const) and named.value not in environment.list_templates():
            yield Mistake(line=one.lineno, key=str(named.value), message="没有这个模板")


def _path(found: nodes.Node) -> list[str]:
    """Return `campaign.office.name` as its three names; an empty first one for what starts otherwise."""
    if isinstance(found, nodes.Getattr):
        return [*_path(found.node), found.attr]
    return [found.name if isinstance(found, nodes.Name) else ""]


def _at(value: object, path: list[str]) -> object:
    for name in path:
        value = getattr(value, name, None)
    return value
