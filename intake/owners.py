"""Whose a file is where one mail holds several applications: by folder, name, number and what it says.

Nobody guesses: what tells nothing stays without owner, and a person is asked (contract: attachment-unassigned).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from intake.reading import File
from parsers.documents import Honour, Other, Qualification, Work
from parsers.identifiers import operator_key
from storage.model import Noun

# Words of files' names that tell what a file is, not whose.
_KINDS = re.compile(
    r"申报表?|推荐表?|报送|推选|文明|网站|平台|[账帐]号|公众号?|微信|微博|抖音|快手|今日头条|头条|视频号?|营业|执照|事业单位|法人|登记|统一社会|信用代码"
    r"|证书|证明|资质|资格|荣誉|奖牌|奖状|获奖|工作|材料|案例|事迹|亮点|活动|照片|图片|截图|扫描件?|复印件|原件|盖章|签章|定稿|终稿|最终版?|新版|修改|更正|补充|附件"
    r"|电子版?|正面|反面|副本|正本|\d+"
)
_PLACES = re.compile(r"^(?:中共|安徽省?|亳州市?|[谯涡蒙利][城阳辛][县区]?)+")
_NUMBER = re.compile(
    r"^[（(【\[]?\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*[）)】\].．、_\-—－ ]\s*(?=.*[\u3400-\u9fff])"
)
_COVER = re.compile(r"汇总表?|一览表|花名册|推荐函|报送函|的函\b|请示|目录|清单|名单|公示")
LEAST = 2  # Han characters at the start of a short name: 教育 of 教育局
INSIDE = 3  # characters that must agree anywhere else


class Claimant(Noun, frozen=True, kw_only=True):
    """Who may own files: the names of account and organizer, the files of its form, its receipt if it has one."""

    names: tuple[str, ...]
    files: tuple[str, ...] = ()
    receipt: str | None = None


def claimant(*names: str | None, files: Iterable[str] = (), receipt: str | None = None) -> Claimant:
    """Return a claimant by its names as they are compared; those that are missing are left out."""
    keys = (operator_key(name) for name in names)
    return Claimant(names=tuple(key for key in keys if key), files=tuple(files), receipt=receipt)


Owners = frozenset[int]
Evidence = Callable[[File, Sequence[Claimant]], Owners]


def owners_of(files: Sequence[File], claimants: Sequence[Claimant]) -> Mapping[str, Owners | None]:
    """Return for each file whose it surely is: nobody's yet (empty), or the whole mail's (None)."""
    return {file.file: _owners(file, claimants) for file in files}


def named_by(file: File, one: Claimant) -> bool:
    """Say whether `file` names `one` in its path or by what it says."""
    return any(evidence(file, (one,)) for evidence in (_by_receipt, _by_path, _by_content))


def _owners(file: File, claimants: Sequence[Claimant]) -> Owners | None:
    if file.type == "archive":
        return frozenset(range(len(claimants)))
    for evidence in EVIDENCE:
        found = evidence(file, claimants)
        if found and len(found) == len(claimants) > 1 and _covers(file):
            return None
        if found:
            return found
    return None if _covers(file) and _COVER.search(_title(file)) else frozenset()


def _covers(file: File) -> bool:
    """Say whether `file` is of the kind that goes with a whole mail: a text, a table, and no paper or picture."""
    return all(isinstance(part, (Work, Other)) for part in file.facts.parts)


def _by_form(file: File, claimants: Sequence[Claimant]) -> Owners:
    return _those(claimants, lambda one: file.file in one.files)


def _by_receipt(file: File, claimants: Sequence[Claimant]) -> Owners:
    return _those(claimants, lambda one: bool(one.receipt) and str(one.receipt) in file.file.upper())


def _by_folder(file: File, claimants: Sequence[Claimant]) -> Owners:
    """Return whose form lies nearest: in the file's folder or the closest above, if it is one's alone."""
    for folder in _folders(file.file):
        near = _under(folder, claimants)
        if near:
            return near if len(near) == 1 else frozenset()
    return frozenset()


def _by_path(file: File, claimants: Sequence[Claimant]) -> Owners:
    """Return whom the file's name, or a folder that is not all the forms', names: in full, else in short."""
    above = _folders(file.file)
    own = [
        _last(path) for path in (file.file, *above) if path not in above or len(_under(path, claimants)) < 2
    ]
    for said in own:
        found = _full(operator_key(said) or "", claimants) or _short(said, claimants)
        if found:
            return found
    return frozenset()


def _by_number(file: File, claimants: Sequence[Claimant]) -> Owners:
    """Return whose form bears the number that the file's name begins with, where each form has its own."""
    numbers = [{match[1] for each in one.files if (match := _NUMBER.match(_last(each)))} for one in claimants]
    mine = _NUMBER.match(_title(file))
    told = [number for each in numbers for number in each]
    if not mine or len(told) != len(claimants) or len(set(told)) != len(told):
        return frozenset()
    return frozenset(index for index, each in enumerate(numbers) if mine[1] in each)


def _by_content(file: File, claimants: Sequence[Claimant]) -> Owners:
    """Return whom the papers in the file name, else whom its text does: the one it speaks of most."""
    papers = [operator_key(part.name) for part in file.facts.parts if isinstance(part, Qualification)]
    found = _those(claimants, lambda one: any(name in papers for name in one.names))
    partly = found or _those(
        claimants, lambda one: any(_within(name, paper) for name in one.names for paper in papers if paper)
    )
    if partly:
        return partly
    texts = [part.text for part in file.facts.parts if isinstance(part, Work)]
    texts += [part.title or "" for part in file.facts.parts if isinstance(part, Honour)]
    return _spoken_of(operator_key("".join(texts)) or "", claimants)


EVIDENCE: tuple[Evidence, ...] = (
    _by_form,
    _by_receipt,
    _by_folder,
    _by_path,
    _by_number,
    _by_content,
)


def _full(said: str, claimants: Sequence[Claimant]) -> Owners:
    """Return whose name `said` holds in full; a name within another's longer one that is said does not count."""
    held = {name for one in claimants for name in one.names if name in said}
    longest = {name for name in held if not any(name != other and name in other for other in held)}
    return _those(claimants, lambda one: any(name in longest for name in one.names))


def _short(said: str, claimants: Sequence[Claimant]) -> Owners:
    """Return whose name `said` holds a part of that nobody else's name holds: 教育 of 涡阳县教育局."""
    words = [word for word in _KINDS.split(re.sub(r"\.\w{1,5}$", "", said)) if len(word) >= LEAST]
    pieces = {bare for word in words if len(bare := _PLACES.sub("", operator_key(word) or "")) >= LEAST}
    found: set[int] = set()
    for piece in pieces:
        having = _holding(piece, claimants)
        found |= having if len(having) == 1 else set()
    return frozenset(found) if len(found) == 1 else frozenset()


def _under(folder: str, claimants: Sequence[Claimant]) -> Owners:
    """Return whose forms lie in `folder` or below it."""
    return _those(claimants, lambda one: any(folder in _folders(each) for each in one.files))


def _holding(piece: str, claimants: Sequence[Claimant]) -> Owners:
    return _those(claimants, lambda one: any(_part_of(piece, name) for name in one.names))


def _part_of(piece: str, name: str) -> bool:
    return _PLACES.sub("", name).startswith(piece) or (len(piece) >= INSIDE and piece in name)


def _within(name: str, paper: str) -> bool:
    """Say whether a certificate bears the fuller or shorter name of the same unit."""
    shorter, longer = sorted((name, paper), key=len)
    return len(shorter) > INSIDE and shorter in longer


def _spoken_of(text: str, claimants: Sequence[Claimant]) -> Owners:
    """Return whom a text speaks of; of several the one that it names twice as often as any other, else all."""
    counts = {index: sum(text.count(name) for name in set(one.names)) for index, one in enumerate(claimants)}
    most = max(counts.values(), default=0)
    chief = [index for index, count in counts.items() if count == most]
    rest = max((count for index, count in counts.items() if index not in chief), default=0)
    if len(chief) == 1 and most >= 2 * rest:
        return frozenset(chief) if most else frozenset()
    return frozenset(index for index, count in counts.items() if count)


def _those(claimants: Sequence[Claimant], holds: Callable[[Claimant], bool]) -> Owners:
    return frozenset(index for index, one in enumerate(claimants) if holds(one))


def _folders(file: str) -> list[str]:
    """Return the folders above a file, the nearest first; what lies in none is in the mail itself."""
    return [str(folder) for folder in PurePosixPath(file).parents]


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _title(file: File) -> str:
    return _last(file.file)
