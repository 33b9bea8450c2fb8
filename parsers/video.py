"""Facts of a film: how long, how large as it is shown, in which container."""

import io
import struct
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import ParseError

from parsers.documents import Clip, Facts, Unreadable, Why

SIDEWAYS = frozenset({90, 270})
FAMILY = (("QuickTime", "QuickTime"), ("3GPP", "3GPP"))
"""Profiles of the MP4 family that are no MP4, though MediaInfo calls their format MPEG-4 too."""

WINDOWS_MEDIA = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")  # File Properties Object (ASF 3.2)
BROADCAST = 0x1  # of its flags: no size is known
FLASH = b"\x00\x08filesize\x00"  # of onMetaData, followed by a double (FLV 10.1, E.5)
TRUNCATED = Unreadable(why=Why.CORRUPT, note="视频不完整，后半部分缺失，请重新报送")


def read_video(data: bytes) -> Facts:
    """Return the clip that `data` is; a film without a length is damaged.

    Read from memory through MediaInfo's buffer interface, so that no temporary file holds it.
    """
    from pymediainfo import MediaInfo  # noqa: PLC0415  loads a shared library of 20 MB

    try:
        tracks = MediaInfo.parse(io.BytesIO(data)).tracks
    except (ParseError, RuntimeError, OSError, ValueError):
        return _facts(Unreadable(why=Why.CORRUPT, note="视频无法读取，文件可能已损坏"))
    general = next((track for track in tracks if track.track_type == "General"), None)
    picture = next((track for track in tracks if track.track_type == "Video"), None)
    if any(promised(data) > len(data) for promised in PROMISES):
        return _facts(TRUNCATED)
    return _facts(_clip(general, picture))


def _facts(part: Clip | Unreadable) -> Facts:
    return Facts(reader="video", parts=(part,))


def _clip(general: Any, picture: Any) -> Clip | Unreadable:
    """Return the clip of MediaInfo's tracks `general` and `picture`."""
    if picture is None:
        return _without_picture(general)
    seconds = _length(general, picture)
    if not seconds:
        return Unreadable(why=Why.CORRUPT, note="视频不完整或已损坏，读不出时长，请重新导出后报送")
    if general is not None and general.istruncated == "Yes":
        return TRUNCATED
    width, height = _shown(picture)
    return Clip(
        container=_container(general), codec=picture.format, duration_s=seconds, width=width, height=height
    )


def _length(general: Any, picture: Any) -> float | None:
    """Return the length in seconds; an AVI's sound of varying rate is only guessed, so its pictures tell."""
    tracks = (picture, general) if _container(general) == "AVI" else (general, picture)
    return next(filter(None, map(_seconds, tracks)), None)


def _windows_media(data: bytes) -> int:
    """Return the bytes that a Windows Media file says it has, 0 where it does not."""
    at = data[:65536].find(WINDOWS_MEDIA)
    if at < 0 or len(data) < at + 92:
        return 0
    (flags,) = struct.unpack_from("<I", data, at + 88)
    return 0 if flags & BROADCAST else int(struct.unpack_from("<Q", data, at + 40)[0])


def _flash(data: bytes) -> int:
    """Return the bytes that a Flash film says it has, 0 where it does not."""
    at = data[:65536].find(FLASH) + len(FLASH)
    if not data.startswith(b"FLV") or at < len(FLASH) or len(data) < at + 8:
        return 0
    size = struct.unpack_from(">d", data, at)[0]
    return int(size) if 0 <= size < 2**53 else 0


PROMISES: tuple[Callable[[bytes], int], ...] = (_windows_media, _flash)
"""Who tells how long a file said it would be, where MediaInfo does not notice that it ends too early."""


def _container(general: Any) -> str | None:
    if general is None:
        return None
    profile = general.format_profile or ""
    return next((name for mark, name in FAMILY if profile.startswith(mark)), general.format)


def _without_picture(general: Any) -> Unreadable:
    if general is not None and general.count_of_audio_streams:
        return Unreadable(why=Why.UNSUPPORTED, note="这是音频文件，请报送视频或图文材料")
    return Unreadable(why=Why.CORRUPT, note="视频不完整或已损坏，请重新导出后报送")


def _seconds(track: Any) -> float | None:
    """Return the length of `track` in seconds, from MediaInfo's milliseconds."""
    try:
        return round(float(track.duration) / 1000, 3)
    except (TypeError, ValueError, AttributeError):
        return None


def _shown(picture: Any) -> tuple[int | None, int | None]:
    """Return width and height as displayed: pixels made square, then turned."""
    width, height = picture.width, picture.height
    aspect = _number(picture.pixel_aspect_ratio)
    if width and aspect and aspect != 1:
        width = round(width * aspect)
    sideways = round(_number(picture.rotation) or 0) % 360 in SIDEWAYS
    return (height, width) if sideways else (width, height)


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
