"""Files inside messages in every provider's shape: each a part with its size, or what is not counted.

Nothing is fetched: a file that is elsewhere has no size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...messages import say
from ...patterns import pattern
from .media import Data, data_of, media_type, pages, pixels, seconds
from .parts import Audio, Document, Image, Part, Uncounted, Video

BY_ID = say("a file by its id")
_FILE_DATA = ("file_data", "base64", "data")


def openai_image(part: Mapping[str, Any]) -> Part | str:
    """`image_url` of chat and Mistral, `input_image` of Responses: an address, or a `data:` URL."""
    held, detail = part.get("image_url"), part.get("detail")
    url: Any = held.get("url") if isinstance(held, Mapping) else held
    if isinstance(held, Mapping):
        detail = held.get("detail", detail)
    data = data_of(url)
    return Image(None, None, word(detail)) if data is None else image_part(data, word(detail))


def sound_or_video(part: Mapping[str, Any]) -> Part | str:
    """`input_audio` of chat, Mistral and Realtime, `audio_url` and `video_url` of open servers."""
    kind = str(part["type"])
    keys = (kind, "audio", "data", "base64", "input_audio", "url")
    held = next((part[key] for key in keys if key in part), None)
    if isinstance(held, Mapping):
        held = held.get("data", held.get("url"))
    data = None if isinstance(held, str) and "://" in held[:10] else data_of(held, is_base64=True)
    length = None if data is None else seconds(data)
    return Video(length) if "video" in kind else Audio(length)


def openai_file(part: Mapping[str, Any]) -> Part | str:
    """`file` of chat, `input_file` of Responses, and LangChain's `file`."""
    inner = part.get("file", part)
    held: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    data = next((found for key in _FILE_DATA if (found := data_of(held.get(key), is_base64=True))), None)
    stated, url = word(held.get("mime_type")), held.get("file_url", held.get("url"))
    if data is not None:
        return file_part(data, stated, str(held.get("filename", "")))
    return absent_file(stated, str(url)) if url else Uncounted(BY_ID)


def mistral_document(part: Mapping[str, Any]) -> Part | str:
    """A document at an address, or in a `data:` URL."""
    url = part.get("document_url")
    data = data_of(url)
    return absent_file("document", str(url)) if data is None else file_part(data, "", "")


def google_inline(part: Mapping[str, Any]) -> Part | str:
    """A file within the request."""
    held = part.get("inline_data", part.get("inlineData"))
    held = held if isinstance(held, Mapping) else {}
    data = data_of(held.get("data"), is_base64=True)
    stated = word(held.get("mime_type", held.get("mimeType")))
    detail = resolution(part.get("media_resolution", part.get("mediaResolution")))
    if data is None:
        return Uncounted(say("a file without data"))
    found = file_part(data, stated, "", detail)
    return _clip(found, part) if isinstance(found, Video) else found


def google_file(part: Mapping[str, Any]) -> Part | str:
    """A file that was uploaded before, or a video on YouTube."""
    held = part.get("file_data", part.get("fileData"))
    held = held if isinstance(held, Mapping) else {}
    detail = resolution(part.get("media_resolution", part.get("mediaResolution")))
    uri = str(held.get("file_uri", held.get("fileUri", "")))
    found = absent_file(word(held.get("mime_type", held.get("mimeType"))), uri, detail)
    return _clip(found, part) if isinstance(found, Video) else found


def _clip(video: Video, part: Mapping[str, Any]) -> Video:
    """The part of a video between two offsets such as `"40s"`, at the frames a second that are asked for."""
    meta = part.get("video_metadata", part.get("videoMetadata"))
    meta = meta if isinstance(meta, Mapping) else {}
    start = _offset(meta.get("start_offset", meta.get("startOffset"))) or 0.0
    end = _offset(meta.get("end_offset", meta.get("endOffset")))
    last = end if video.seconds is None else min(end or video.seconds, video.seconds)
    frames = meta.get("fps")
    rate = float(frames) if isinstance(frames, int | float) and 0 < frames <= 24 else video.frames_per_s
    return Video(None if last is None else max(0.0, last - start), rate, video.detail)


_OFFSET = pattern(r"(\d{1,6}(?:\.\d{1,9})?)s")


def _offset(value: Any) -> float | None:
    found = _OFFSET.fullmatch(value) if isinstance(value, str) else None
    return float(found[1]) if found else None


def named_file(kind: str, held: Any, stated: str) -> Part | str:
    """A file whose kind the provider's shape names."""
    data = data_of(held, is_base64=True)
    if data is None:
        return absent_file(kind, "")
    if kind == "image":
        return image_part(data, "")
    return file_part(data, stated or kind, "")


def file_part(data: Data, stated: str, filename: str, detail: str = "") -> Part | str:
    """A file at hand, by the type that is stated, else by its name or its first bytes."""
    kind = media_type(data, stated, filename)
    match kind.partition("/")[0]:
        case "image":
            return image_part(data, detail)
        case "audio":
            return Audio(seconds(data))
        case "video":
            return Video(seconds(data), detail=detail)
        case "text":
            text = None if data.held and not data.content else data.text()
            return Uncounted(say("a text that cannot be read")) if text is None else text
    if kind == "application/pdf":
        return Document(pages(data), detail)
    return Uncounted(say("a file of type {type}", type=kind) if kind else say("a file of no known type"))


def image_part(data: Data, detail: str) -> Part:
    size = pixels(data)
    return Image(*size, detail) if size else Uncounted(say("a picture that cannot be read"))


_ABSENT_ENDS = {
    Image: ("image", ".png", ".jpg", ".jpeg", ".webp", ".gif"),
    Audio: ("audio", ".mp3", ".wav", ".ogg", ".flac", ".m4a"),
    Video: ("video", ".mp4", ".webm", ".mov", "youtube.com", "youtu.be"),
}


def absent_file(stated: str, url: str, detail: str = "") -> Part:
    """A file that is elsewhere, by what is said of it or by its address."""
    path = url.partition("?")[0].casefold()[-300:]
    if stated.startswith("image") or path.endswith(_ABSENT_ENDS[Image][1:]):
        return Image(None, None, detail)
    if stated.startswith("audio") or path.endswith(_ABSENT_ENDS[Audio][1:]):
        return Audio(None)
    if stated.startswith("video") or path.endswith(_ABSENT_ENDS[Video][1:]) or "youtu" in path:
        return Video(None, detail=detail)
    if stated in ("document", "application/pdf") or path.endswith(".pdf"):
        return Document(None, detail)
    return Uncounted(say("a file at an address"))


def resolution(value: Any) -> str:
    """Google's media resolution in short: `MEDIA_RESOLUTION_ULTRA_HIGH` is `ultra_high`.

    >>> resolution({"level": "MEDIA_RESOLUTION_LOW"}), resolution(None)
    ('low', '')
    """
    level = value.get("level") if isinstance(value, Mapping) else value
    return word(level).removeprefix("media_resolution_")


def word(value: Any) -> str:
    return value[:80].casefold() if isinstance(value, str) else ""
