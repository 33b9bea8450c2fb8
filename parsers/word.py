"""Word documents (docx): the form, the work material, or both."""

from parsers.documents import Facts, Unreadable, Why


def read_docx(data: bytes) -> Facts:
    """Return what a docx holds: forms first, then certificates, then the rest as work material."""
    del data
    return Facts(reader="docx", parts=(Unreadable(why=Why.UNSUPPORTED),))
