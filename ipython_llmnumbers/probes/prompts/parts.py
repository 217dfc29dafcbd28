"""What a message holds beside its text, each part in a unit of its own: no bytes are ever text.

The shapes are those of OpenAI (chat, Responses, Realtime), Anthropic, Google, Mistral and Bedrock's
converse. Nothing in them is fetched: what is not at hand has no size, and what is not known is `Uncounted`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import UsageError
from ...files.formats import DEEPEST
from ...messages import say
from .media import Data, data_of, media_type, pages, pixels, seconds


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; its size in pixels is None where it is not at hand. `detail` is as it was asked for."""

    width: int | None
    height: int | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF; the number of its pages is None where it is not at hand, or cannot be read."""

    n_pages: int | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound; its length is None where it is not at hand, or cannot be read."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Video:
    """Video with its sound, of which so many frames a second are looked at."""

    seconds: float | None
    frames_per_s: float = 1.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A tool's call or result, whose JSON is not what the model reads: the provider writes it anew."""

    value: Any


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a model thought in an earlier answer, as it is sent back."""

    text: str


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A part that no rule counts; `what` it is."""

    what: str


Part = Image | Document | Audio | Video | Rewritten | Thinking | Uncounted
_Found = Iterator[str | Part]
_Reader = Callable[[Mapping[str, Any], int], _Found]

_BY_ID = say("a file by its id")


def parts_of(content: Any, depth: int = 0) -> _Found:
    """The texts and the other parts of a message's content, in order.

    Raises:
        UsageError: lists or objects nested deeper than any provider's.
    """
    if depth > DEEPEST:
        raise UsageError("a message is nested deeper than {n} levels", n=DEEPEST)
    match content:
        case None:
            pass
        case str():
            yield content
        case Mapping():
            yield from _part(content, depth)
        case bytes() | bytearray():
            yield _file(Data(bytes(content)), "", "")
        case Sequence():
            for each in content:
                yield from parts_of(each, depth + 1)
        case _:
            yield str(content)


def is_tool_result(content: Any) -> bool:
    """Whether a message only hands back what tools answered, so that the turn before it goes on."""
    parts = content if isinstance(content, Sequence) and not isinstance(content, str) else [content]
    return bool(parts) and all(
        isinstance(part, Mapping)
        and (str(part.get("type", "")).endswith(_RESULTS) or not _RESULT_KEYS.isdisjoint(part))
        for part in parts
    )


_RESULTS = ("tool_result", "_call_output")
_RESULT_KEYS = {"toolResult", "functionResponse", "function_response"}


def _part(part: Mapping[str, Any], depth: int) -> _Found:
    """One object of a content: known by its `type`, or, as with Google and Bedrock, by its only key."""
    kind = part.get("type")
    if isinstance(kind, str) and kind in _BY_TYPE:
        yield from _BY_TYPE[kind](part, depth + 1)
        return
    for key, read in _BY_KEY.items():
        if part.get(key) is not None and not isinstance(kind, str):
            yield from read(part, depth + 1)
            return
    text = part.get("text")
    if isinstance(text, str):
        yield Thinking(text) if part.get("thought") is True else text
    elif "content" in part or "parts" in part:
        yield from parts_of(part.get("content", part.get("parts")), depth + 1)
    elif isinstance(kind, str):
        yield Uncounted(say("a part of type {type}", type=kind))
    else:
        yield from _json(part)


def _json(value: Any) -> _Found:
    """An object that the model reads as text in the provider's own notation, where it holds no bytes."""
    yield Uncounted(say("an object with bytes in it")) if _holds_bytes(value, 0) else Rewritten(value)


# What is longer, without a space and of base64's characters, is no word of any language.
_BASE64_RUN = re.compile(r"(?:data:[\w./+;=-]{1,80},)?[A-Za-z0-9+/_-]{1000,}+={0,2}+")


def _holds_bytes(value: Any, depth: int) -> bool:
    match value:
        case bytes() | bytearray():
            return True
        case str():
            return _BASE64_RUN.fullmatch(value) is not None
        case Mapping() | list() | tuple() if depth < DEEPEST:
            each = value.values() if isinstance(value, Mapping) else value
            return any(_holds_bytes(one, depth + 1) for one in each)
        case _:
            return False


# -- text, tools, thinking -------------------------------------------------------------------


def _text(part: Mapping[str, Any], depth: int) -> _Found:
    """`{"text": "…"}`, or as the Assistants wrote it `{"text": {"value": "…"}}`."""
    text = part.get("text", part.get("refusal"))
    yield from parts_of(text.get("value") if isinstance(text, Mapping) else text, depth)


def _call(part: Mapping[str, Any], _depth: int) -> _Found:
    arguments = next((part[key] for key in ("input", "arguments", "args") if key in part), None)
    yield from _json({"name": part.get("name"), "input": arguments})


def _result(part: Mapping[str, Any], depth: int) -> _Found:
    content = next((part[key] for key in ("content", "output", "response", "result") if key in part), None)
    if isinstance(content, Mapping) and not {"type", "text", "json"} & set(content):
        yield from _json(content)
    else:
        yield from parts_of(content, depth)


def _titled(part: Mapping[str, Any], depth: int) -> _Found:
    """A search result: its title, where it is from, and its text."""
    for key in ("title", "source", "content"):
        yield from parts_of(part.get(key), depth)


def _thinking(part: Mapping[str, Any], depth: int) -> _Found:
    """Anthropic's thinking is a text, Mistral's a list of them; a signature is no text."""
    texts = [each for each in parts_of(part.get("thinking"), depth) if isinstance(each, str)]
    yield Thinking("\n".join(texts))


def _reasoning_content(part: Mapping[str, Any], _depth: int) -> _Found:
    """Bedrock's thinking."""
    content = part["reasoningContent"]
    text: Any = content.get("reasoningText") if isinstance(content, Mapping) else None
    yield Thinking(str(text.get("text", ""))) if isinstance(text, Mapping) else _HIDDEN


_HIDDEN = Uncounted(say("hidden reasoning of an earlier answer"))


def _nothing(_part: Mapping[str, Any], _depth: int) -> _Found:
    """A mark for the provider, which the model does not read."""
    yield from ()


def _hidden(_part: Mapping[str, Any], _depth: int) -> _Found:
    yield _HIDDEN


def _by_id(_part: Mapping[str, Any], _depth: int) -> _Found:
    yield Uncounted(_BY_ID)


def _within(key: str, read: _Reader) -> _Reader:
    """Google's and Bedrock's calls and results stand inside the key that names them."""

    def read_within(part: Mapping[str, Any], depth: int) -> _Found:
        inner = part[key]
        yield from read(inner, depth) if isinstance(inner, Mapping) else parts_of(inner, depth)

    return read_within


# -- files -----------------------------------------------------------------------------------


def _openai_image(part: Mapping[str, Any], _depth: int) -> _Found:
    held, detail = part.get("image_url"), part.get("detail")
    url: Any = held.get("url") if isinstance(held, Mapping) else held
    if isinstance(held, Mapping):
        detail = held.get("detail", detail)
    data = data_of(url)
    yield Image(None, None, _word(detail)) if data is None else _image(data, _word(detail))


def _sound_or_video(part: Mapping[str, Any], _depth: int) -> _Found:
    """`input_audio` of chat, Mistral and Realtime, `audio_url` and `video_url` of open servers."""
    kind = str(part["type"])
    held = next((part[key] for key in (kind, "audio", "data", "input_audio", "url") if key in part), None)
    if isinstance(held, Mapping):
        held = held.get("data", held.get("url"))
    data = None if isinstance(held, str) and "://" in held[:10] else data_of(held, is_base64=True)
    if "video" in kind:
        yield Video(None if data is None else seconds(data))
    else:
        yield Audio(None if data is None else seconds(data))


def _openai_file(part: Mapping[str, Any], _depth: int) -> _Found:
    inner = part.get("file", part)
    held: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    data = data_of(held.get("file_data"), is_base64=True)
    if data is not None:
        yield _file(data, "", str(held.get("filename", "")))
    elif held.get("file_url"):
        yield _absent("", str(held["file_url"]))
    else:
        yield Uncounted(_BY_ID)


def _source(part: Mapping[str, Any], depth: int) -> _Found:
    """Anthropic's `image` and `document`, and the Model Context Protocol's `image` and `audio`."""
    kind, source = str(part["type"]), part.get("source", part)
    for key in ("title", "context"):
        if kind == "document":
            yield from parts_of(part.get(key), depth)
    if not isinstance(source, Mapping):
        yield Uncounted(say("a part of type {type}", type=kind))
    elif source.get("type") == "text":
        yield from parts_of(source.get("data"), depth)
    elif source.get("type") == "content":
        yield from parts_of(source.get("content"), depth)
    elif source.get("type") in ("url", "file"):
        yield Image(None, None) if kind == "image" else Document(None)
    else:
        stated = source.get("media_type", source.get("mimeType", ""))
        yield _named_file(kind, source.get("data"), stated)


def _mistral_document(part: Mapping[str, Any], _depth: int) -> _Found:
    url = part.get("document_url")
    data = data_of(url)
    yield _absent("document", str(url)) if data is None else _file(data, "", "")


def _google_inline(part: Mapping[str, Any], _depth: int) -> _Found:
    held = part.get("inline_data", part.get("inlineData"))
    held = held if isinstance(held, Mapping) else {}
    data = data_of(held.get("data"), is_base64=True)
    stated = _word(held.get("mime_type", held.get("mimeType")))
    detail = resolution(part.get("media_resolution", part.get("mediaResolution")))
    if data is None:
        yield Uncounted(say("a file without data"))
        return
    found = _file(data, stated, "", detail)
    yield _clip(found, part) if isinstance(found, Video) else found


def _google_file(part: Mapping[str, Any], _depth: int) -> _Found:
    held = part.get("file_data", part.get("fileData"))
    held = held if isinstance(held, Mapping) else {}
    detail = resolution(part.get("media_resolution", part.get("mediaResolution")))
    uri = str(held.get("file_uri", held.get("fileUri", "")))
    found = _absent(_word(held.get("mime_type", held.get("mimeType"))), uri, detail)
    yield _clip(found, part) if isinstance(found, Video) else found


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


_OFFSET = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")


def _offset(value: Any) -> float | None:
    found = _OFFSET.fullmatch(value) if isinstance(value, str) else None
    return float(found[1]) if found else None


def _bedrock(key: str) -> _Reader:
    """Bedrock's `image`, `document`, `video` and `audio`: a format, and a source of bytes or in S3."""

    def read(part: Mapping[str, Any], depth: int) -> _Found:
        held = part[key] if isinstance(part[key], Mapping) else {}
        source = held.get("source")
        source = source if isinstance(source, Mapping) else {}
        if key == "document":
            yield from parts_of(held.get("name"), depth)
        if "text" in source or "content" in source:
            yield from parts_of(source.get("text", source.get("content")), depth)
        else:
            yield _named_file(key, source.get("bytes"), _word(held.get("format")))

    return read


def _named_file(kind: str, held: Any, stated: str) -> Part | str:
    """A file whose kind the provider's shape names."""
    data = data_of(held, is_base64=True)
    if data is None:
        return _absent(kind, "")
    if kind == "image":
        return _image(data, "")
    return _file(data, stated or kind, "")


def _file(data: Data, stated: str, filename: str, detail: str = "") -> Part | str:
    """A file at hand, by the type that is stated, else by its name or its first bytes."""
    kind = media_type(data, stated, filename)
    match kind.partition("/")[0]:
        case "image":
            return _image(data, detail)
        case "audio":
            return Audio(seconds(data))
        case "video":
            return Video(seconds(data), detail=detail)
        case "text":
            return data.text()
    if kind == "application/pdf":
        return Document(pages(data), detail)
    return Uncounted(say("a file of type {type}", type=kind) if kind else say("a file of no known type"))


def _image(data: Data, detail: str) -> Part:
    size = pixels(data)
    return Image(*size, detail) if size else Uncounted(say("a picture that cannot be read"))


_ABSENT_ENDS = {
    Image: ("image", ".png", ".jpg", ".jpeg", ".webp", ".gif"),
    Audio: ("audio", ".mp3", ".wav", ".ogg", ".flac", ".m4a"),
    Video: ("video", ".mp4", ".webm", ".mov", "youtube.com", "youtu.be"),
}


def _absent(stated: str, url: str, detail: str = "") -> Part:
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
    return _word(level).removeprefix("media_resolution_")


def _word(value: Any) -> str:
    return value[:80].casefold() if isinstance(value, str) else ""


_BY_TYPE: dict[str, _Reader] = {
    **dict.fromkeys(("text", "input_text", "output_text", "summary_text", "refusal"), _text),
    **dict.fromkeys(("image_url", "input_image"), _openai_image),
    **dict.fromkeys(
        ("input_audio", "audio_url", "video_url", "input_video", "audio", "video"), _sound_or_video
    ),
    **dict.fromkeys(("file", "input_file"), _openai_file),
    **dict.fromkeys(("image", "document"), _source),
    "document_url": _mistral_document,
    **dict.fromkeys(
        ("tool_use", "server_tool_use", "mcp_tool_use", "function_call", "custom_tool_call"), _call
    ),
    **dict.fromkeys(
        ("tool_result", "mcp_tool_result", "function_call_output", "custom_tool_call_output"), _result
    ),
    "search_result": _titled,
    "thinking": _thinking,
    **dict.fromkeys(("redacted_thinking", "reasoning"), _hidden),
    **dict.fromkeys(("item_reference", "container_upload", "input_file_id"), _by_id),
}
_BY_KEY: dict[str, _Reader] = {
    **dict.fromkeys(("inline_data", "inlineData"), _google_inline),
    **dict.fromkeys(("file_data", "fileData"), _google_file),
    **{key: _within(key, _call) for key in ("function_call", "functionCall", "toolUse")},
    **{key: _within(key, _result) for key in ("function_response", "functionResponse", "toolResult")},
    "image_url": _openai_image,
    **{key: _bedrock(key) for key in ("image", "document", "video", "audio")},
    "reasoningContent": _reasoning_content,
    **dict.fromkeys(("cachePoint", "cache_point", "thought_signature", "thoughtSignature"), _nothing),
}
