"""Files inside messages: what they are, and their pixels, pages and seconds, read from the bytes at hand."""

from __future__ import annotations

import base64
import binascii
import io
import json
from urllib.parse import unquote_to_bytes

from ...files.encodings import decoded
from ...processes import NoAnswerError, end, exchange, start
from ...records import dataclass

# A picture's size stands in the first kilobytes; a JPEG's may follow some tens of kB of metadata.
_HEAD_BYTES = 150_000
# Providers take 50 MB in one request.
_MOST_FILE_BYTES = 100_000_000
# JPEG's own limit; a PNG may state more, but no provider takes it.
_MOST_PX = 65_535
_CHILD = f"{__package__}._media_child"
# A library's import on a busy machine, and a large file.
_CHILD_S = 10.0
_MOST_REMEMBERED = 256
_remembered: dict[tuple[str, str], float | None] = {}

# What a file is by the end of its name, as Bedrock writes it too. Other text is sent by its media type.
_TYPE_OF_ENDING = {
    "pdf": "application/pdf",
    **dict.fromkeys(
        ("txt", "md", "csv", "tsv", "html", "htm", "xml", "json", "jsonl", "py", "js"), "text/plain"
    ),
    **{each: f"image/{each}" for each in ("png", "jpeg", "jpg", "gif", "webp")},
    **{each: f"audio/{each}" for each in ("wav", "mp3", "ogg", "opus", "flac", "m4a", "aac")},
    **{each: f"video/{each}" for each in ("mp4", "webm", "mov", "mkv", "mpeg", "mpg", "avi")},
}
_TYPE_OF_BEGINNING = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"ID3": "audio/mp3",
    b"\xff\xfb": "audio/mp3",
    b"OggS": "audio/ogg",
    b"fLaC": "audio/flac",
}


@dataclass(frozen=True, slots=True)
class Data:
    """The bytes of a file, raw or in base64 as providers' shapes hold it; `stated` is the media type."""

    held: bytes | str
    stated: str = ""

    @property
    def head(self) -> bytes:
        """Enough of the beginning for any header."""
        return self._decoded(_HEAD_BYTES)

    @property
    def content(self) -> bytes:
        """All of it; nothing where that is no base64, or more than any provider takes."""
        return b"" if len(self.held) > _MOST_FILE_BYTES * 4 / 3 else self._decoded(_MOST_FILE_BYTES)

    def text(self) -> str | None:
        """The file as a text; None where it is none in UTF-8, nor in what its byte order mark says."""
        try:
            return decoded(self.content)
        except UnicodeDecodeError:
            return None

    def _decoded(self, most_bytes: int) -> bytes:
        if isinstance(self.held, bytes):
            return self.held[:most_bytes]
        part = self.held[: most_bytes // 3 * 4]
        if len(part) < len(self.held):
            part = part[: len(part) // 4 * 4]
        try:
            # The alphabet for URLs too, in which Google's clients write, and without the padding at the end.
            return base64.b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4), altchars=b"-_")
        except (binascii.Error, ValueError):
            return b""


def data_of(value: object, *, is_base64: bool = False) -> Data | None:
    """The bytes in a value: raw, a `data:` URL, or, if the shape says so, base64; None for an address.

    >>> data_of("data:text/plain;base64,aGk=").text(), data_of("https://example.org/a.png")
    ('hi', None)
    """
    if isinstance(value, bytes | bytearray):
        return Data(bytes(value))
    if not isinstance(value, str) or not value:
        return None
    if value[:5].casefold() == "data:":
        head, _, rest = value.partition(",")
        stated = head[5:85].partition(";")[0].casefold()
        # RFC 2397: without that word the bytes are written as in any URL.
        return Data(rest if head[-7:].casefold() == ";base64" else unquote_to_bytes(rest), stated)
    return Data(value) if is_base64 and "://" not in value[:10] else None


def media_type(data: Data, stated: str, filename: str) -> str:
    """What a file is, such as `image/png`: as it is stated, by its name, or by its first bytes; or `""`."""
    for said in (stated, data.stated):
        if "/" in said:
            return said.partition(";")[0].strip()
        if said in _TYPE_OF_ENDING:
            return _TYPE_OF_ENDING[said]
    ending = filename[-10:].rpartition(".")[2].casefold()
    if ending in _TYPE_OF_ENDING:
        return _TYPE_OF_ENDING[ending]
    head = data.head[:16]
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for begins, kind in _TYPE_OF_BEGINNING.items() if head.startswith(begins)), "")


def pixels(data: Data) -> tuple[int, int] | None:
    """The width and height of a picture; None where its header does not tell, or tells of no real one."""
    import imagesize

    try:
        width, height = imagesize.get(io.BytesIO(data.head))
    except (ValueError, OSError, IndexError, TypeError):
        return None
    return (int(width), int(height)) if min(width, height) > 0 and max(width, height) <= _MOST_PX else None


def pages(data: Data) -> int | None:
    """The number of pages of a PDF; None where it cannot be read."""
    found = _read_apart("pages", data)
    return None if found is None else int(found)


def seconds(data: Data) -> float | None:
    """The length of sound or video; None where it cannot be read."""
    return _read_apart("seconds", data)


def _read_apart(what: str, data: Data) -> float | None:
    """Ask a process of its own, since a stranger's file may hang a parser; each file once a session."""
    import hashlib

    content = data.content
    key = (what, hashlib.sha256(content).hexdigest())
    if content and key not in _remembered:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = _asked(what, content)
    return _remembered.get(key)


def _asked(what: str, content: bytes) -> float | None:
    request = json.dumps({"what": what, "data": base64.b64encode(content).decode()})
    try:
        process = start(_CHILD)
    except OSError:
        return None
    try:
        answer = exchange(process, request.encode(), _CHILD_S, 100)
    except NoAnswerError:
        return None
    finally:
        end(process)
    value = answer.get("value")
    return value if isinstance(value, int | float) and value > 0 else None
