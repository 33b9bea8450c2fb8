"""The types of file that are treated differently, and the magic numbers most of them begin with."""

from enum import StrEnum


class Kind(StrEnum):
    """Every type of file that is treated differently."""

    EMPTY = "empty"
    ZEROS = "zeros"
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    MACRO = "macro"
    ZIP = "zip"
    TOO_MANY = "too-many"
    ODF = "odf"
    OFD = "ofd"
    PAGES = "pages"
    DOC = "doc"
    XLS = "xls"
    PPT = "ppt"
    MSG = "msg"
    CFB = "cfb"
    LOCKED = "locked"
    RTF = "rtf"
    WORD_XML = "word-xml"
    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    BMP = "bmp"
    TIFF = "tiff"
    WEBP = "webp"
    HEIC = "heic"
    DRAWING = "drawing"
    VIDEO = "video"
    AUDIO = "audio"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    TAR = "tar"
    PACKED = "packed"
    CABINET = "cabinet"
    TNEF = "tnef"
    PROGRAM = "program"
    SIGNATURE = "signature"
    CARD = "card"
    HTML = "html"
    MAIL = "mail"
    TEXT = "text"
    UNKNOWN = "unknown"


STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF-", Kind.PDF),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"II+\0", Kind.TIFF),
    (b"MM\0+", Kind.TIFF),
    (b"8BPS", Kind.DRAWING),
    (b"\0\0\0\x0cjP  ", Kind.DRAWING),
    (b"\xff\x0a", Kind.DRAWING),
    (b"\0\0\0\x0cJXL ", Kind.DRAWING),
    (b"\xd7\xcd\xc6\x9a", Kind.DRAWING),
    (b"AC10", Kind.DRAWING),
    (b"{\\rtf", Kind.RTF),
    (b"\x1a\x45\xdf\xa3", Kind.VIDEO),
    (b"FLV\x01", Kind.VIDEO),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind.VIDEO),
    (b"\0\0\x01\xba", Kind.VIDEO),
    (b"\0\0\x01\xb3", Kind.VIDEO),
    (b".RMF", Kind.VIDEO),
    (b"OggS", Kind.AUDIO),
    (b"fLaC", Kind.AUDIO),
    (b"#!AMR", Kind.AUDIO),
    (b"#!SILK", Kind.AUDIO),
    (b"\x02#!SILK", Kind.AUDIO),
    (b"ID3", Kind.AUDIO),
    (b"MThd", Kind.AUDIO),
    (b"\xff\xfb", Kind.AUDIO),
    (b"\xff\xf3", Kind.AUDIO),
    (b"\xff\xf2", Kind.AUDIO),
    (b"\xff\xf1", Kind.AUDIO),
    (b"\xff\xf9", Kind.AUDIO),
    (b"Rar!\x1a\x07", Kind.RAR),
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"\x1f\x8b", Kind.PACKED),
    (b"BZh", Kind.PACKED),
    (b"\xfd7zXZ\0", Kind.PACKED),
    (b"\x28\xb5\x2f\xfd", Kind.CABINET),
    (b"MSCF", Kind.CABINET),
    (b"\x78\x9f\x3e\x22", Kind.TNEF),
    (b"\x7fELF", Kind.PROGRAM),
    (b"\xfe\xed\xfa\xce", Kind.PROGRAM),
    (b"\xfe\xed\xfa\xcf", Kind.PROGRAM),
    (b"\xce\xfa\xed\xfe", Kind.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Kind.PROGRAM),
    (b"\xca\xfe\xba\xbe", Kind.PROGRAM),
    (b"dex\n", Kind.PROGRAM),
    (b"\x4c\0\0\0\x01\x14\x02\0", Kind.PROGRAM),
    (b"ITSF", Kind.PROGRAM),
    (b"%TSD-Header-###%", Kind.LOCKED),
)
"""Magic numbers; `#!AMR` and its like stand before the general `#!` of scripts."""

SCRIPTS = frozenset(
    {".bat", ".cmd", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta", ".ps1", ".psm1", ".sct", ".sh"}
    | {".reg", ".scf", ".url", ".inf", ".command", ".msi", ".scr", ".pif", ".exe", ".jar", ".apk"}
)
"""What runs though it is plain text, told by its suffix since there is no content to tell by."""
