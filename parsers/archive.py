from parsers.documents import Fact, Facts


class Member(Fact, frozen=True, kw_only=True):
    """A file inside a container: `path` leads through the containers (`材料.zip/谯城/申报表.docx`).

    `facts` are given, and `data` is None, for what is refused unread.
    """

    path: str
    data: bytes | None = None
    facts: Facts | None = None


class Opened(Fact, frozen=True, kw_only=True):
    """A file's own facts, and its members if it is a container."""

    facts: Facts
    members: tuple[Member, ...] = ()


def unpack(data: bytes, name: str) -> Opened:
    raise NotImplementedError
