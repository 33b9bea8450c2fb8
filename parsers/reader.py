"""The table of readers: what a file is, by its content, names who reads it, or why nobody does."""

import pkgutil
import warnings
from collections.abc import Callable

from parsers.containers.archive import VOLUME
from parsers.containers.names import is_volume
from parsers.documents import Facts, Other, Part, Unreadable, Why
from parsers.kinds import Kind
from parsers.office.compound import is_whole
from parsers.sniff import sniff, suffix

READERS: dict[Kind, str] = {
    Kind.DOCX: "parsers.office.word:read_docx",
    Kind.DOC: "parsers.office.legacy:read_doc",
    Kind.XLSX: "parsers.office.spreadsheet:read_xlsx",
    Kind.ODF: "parsers.office.opendocument:read_odf",
    Kind.RTF: "parsers.office.rich:read_rtf",
    Kind.PDF: "parsers.pdf:read_pdf",
    Kind.TEXT: "parsers.plain:read_text",
    Kind.HTML: "parsers.web:read_html",
    Kind.PNG: "parsers.picture:read_image",
    Kind.JPEG: "parsers.picture:read_image",
    Kind.GIF: "parsers.picture:read_image",
    Kind.BMP: "parsers.picture:read_image",
    Kind.TIFF: "parsers.picture:read_image",
    Kind.WEBP: "parsers.picture:read_image",
    Kind.VIDEO: "parsers.video:read_video",
    Kind.ZIP: "parsers.containers.archive:read_archive",
    Kind.TOO_MANY: "parsers.containers.archive:read_archive",
    Kind.RAR: "parsers.containers.archive:read_archive",
    Kind.SEVEN_ZIP: "parsers.containers.archive:read_archive",
    Kind.TAR: "parsers.containers.archive:read_archive",
    Kind.PACKED: "parsers.containers.archive:read_archive",
    Kind.TNEF: "parsers.containers.archive:read_archive",
}
"""Each reader by where it lives, so that nothing heavy is imported before a file needs it."""


def _no(why: Why, note: str) -> Unreadable:
    return Unreadable(why=why, note=note)


_AS_WORD = _no(Why.UNSUPPORTED, "暂不能读取这种文档，请另存为 docx 或 PDF 后重新报送")
_AS_PICTURE = _no(Why.UNSUPPORTED, "暂不能读取这种图片，请另存为 JPG 或 PNG 后重新报送")
_AS_ZIP = _no(Why.UNSUPPORTED, "暂不能打开这种压缩包，请改用 zip 格式压缩，或直接报送其中的文件")
_UNKNOWN = _no(Why.UNSUPPORTED, "不能识别的文件类型，请改用 docx、PDF、JPG、MP4 或 zip 格式报送")

VERDICTS: dict[Kind, Part] = {
    Kind.EMPTY: _no(Why.CORRUPT, "空文件，没有任何内容，请重新报送"),
    Kind.ZEROS: _no(Why.CORRUPT, "文件内容全为空字节，可能下载或传输未完成，请重新报送"),
    Kind.LOCKED: _no(Why.ENCRYPTED, "文件已加密或设有打开密码，请解除加密后重新报送"),
    Kind.MACRO: _no(Why.UNSAFE, "文件含有宏，为安全起见不予打开，请另存为不含宏的 docx 或 PDF 后重新报送"),
    Kind.PROGRAM: _no(Why.UNSAFE, "可执行程序或脚本，为安全起见不予打开"),
    Kind.XLS: _no(
        Why.UNSUPPORTED,
        "暂不能读取旧版 Excel 或 WPS 表格（.xls、.et），请将其中的申报材料另存为 docx 或 PDF 后重新报送",
    ),
    Kind.SIGNATURE: Other(note="邮件的电子签名"),
    Kind.CARD: Other(note="名片或日程"),
    Kind.WORD_XML: _AS_WORD,
    Kind.PAGES: _AS_WORD,
    Kind.CFB: _AS_WORD,
    Kind.OFD: _no(Why.UNSUPPORTED, "暂不能读取 OFD 文件，请转换为 PDF 后重新报送"),
    Kind.PPTX: _no(Why.UNSUPPORTED, "暂不能读取演示文稿，请另存为 PDF 或 docx 后重新报送"),
    Kind.PPT: _no(Why.UNSUPPORTED, "暂不能读取演示文稿，请另存为 PDF 或 docx 后重新报送"),
    Kind.HEIC: _no(Why.UNSUPPORTED, "暂不能读取 HEIC、AVIF 图片，请转换为 JPG 后重新报送"),
    Kind.DRAWING: _AS_PICTURE,
    Kind.AUDIO: _no(Why.UNSUPPORTED, "这是音频文件，请报送图文或视频（MP4）材料"),
    Kind.CABINET: _AS_ZIP,
    Kind.MSG: _no(Why.UNSUPPORTED, "暂不能打开 Outlook 邮件文件，请直接报送其中的附件"),
    Kind.MAIL: _no(Why.UNSUPPORTED, "暂不能打开邮件文件，请直接报送其中的附件"),
    Kind.UNKNOWN: _UNKNOWN,
}
"""What is said of the kinds that nobody reads; `test_every_kind_is_treated` keeps this complete."""

# Whoever names a file so meant a document; bytes of no known kind under such a name are a damaged one.
DOCUMENTS = frozenset(
    {".docx", ".doc", ".wps", ".pdf", ".xlsx", ".xls", ".et", ".pptx", ".ppt", ".rtf", ".odt", ".ofd"}
    | {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic"}
    | {".mp4", ".mov", ".avi", ".mkv", ".flv", ".wmv", ".mpg", ".zip", ".rar", ".7z"}
)
NEVER_TEXT = DOCUMENTS - {".doc", ".wps", ".xls", ".et", ".rtf"}
DAMAGED = _no(Why.CORRUPT, "文件已损坏或内容与扩展名不符，无法打开，请检查后重新报送")


def read(data: bytes, name: str) -> Facts:
    """Return what the file `data` called `name` holds; its name is a hint only where content tells nothing."""
    kind = sniff(data, name)
    if kind in READERS:
        facts = _quietly(_reader(kind), data)
        return _refused(kind, DAMAGED) if _only_words(kind, name, facts) else facts
    if kind is Kind.UNKNOWN and is_volume(name):
        return _refused(kind, _no(Why.CORRUPT, VOLUME))
    if (kind is Kind.UNKNOWN and suffix(name) in DOCUMENTS) or (kind is Kind.CFB and not is_whole(data)):
        return _refused(kind, DAMAGED)
    return _refused(kind, VERDICTS[kind])


def _reader(kind: Kind) -> Callable[[bytes], Facts]:
    reader: Callable[[bytes], Facts] = pkgutil.resolve_name(READERS[kind])
    return reader


def _quietly(reader: Callable[[bytes], Facts], data: bytes) -> Facts:
    # What a library finds odd about a file is in the facts or does not matter; nobody reads it there.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        return reader(data)


def _only_words(kind: Kind, name: str, facts: Facts) -> bool:
    """Whether words stand where a document was meant, an error page saved as a PDF for instance.

    A form is welcome under whatever name.
    """
    return kind in {Kind.TEXT, Kind.HTML} and suffix(name) in NEVER_TEXT and facts.type != "form"


def _refused(kind: Kind, part: Part) -> Facts:
    return Facts(reader=f"sniff:{kind}", parts=(part,))
