"""Read a message's content: its texts, and its other parts.

The shapes are those of OpenAI (chat, Responses, Realtime), Anthropic, Google, Mistral and Bedrock's
converse. No bytes are ever text; what is not known is `Uncounted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ...errors import UsageError
from ...files.formats import DEEPEST
from ...messages import say
from ...patterns import pattern
from . import file_parts
from .file_parts import BY_ID, file_part, named_file, word
from .media import Data
from .parts import Document, Image, Part, Rewritten, Thinking, Uncounted

_Found = Iterator[str | Part]
_Reader = Callable[[Mapping[str, Any], int], _Found]


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
            yield file_part(Data(bytes(content)), "", "")
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
_BASE64_RUN = pattern(r"(?:data:[\w./+;=-]{1,80},)?[A-Za-z0-9+/_-]{1000,}+={0,2}+")


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


def _run(part: Mapping[str, Any], depth: int) -> _Found:
    """What a program printed that Claude ran; the files that it made have ids."""
    yield from _json({key: part[key] for key in ("stdout", "stderr", "return_code") if key in part})
    yield from parts_of(part.get("content"), depth)


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
    yield Uncounted(BY_ID)


def _within(key: str, read: _Reader) -> _Reader:
    """Google's and Bedrock's calls and results stand inside the key that names them."""

    def read_within(part: Mapping[str, Any], depth: int) -> _Found:
        inner = part[key]
        yield from read(inner, depth) if isinstance(inner, Mapping) else parts_of(inner, depth)

    return read_within


def _one(read: Callable[[Mapping[str, Any]], Part | str]) -> _Reader:
    """A reader of a shape that is one file."""

    def read_one(part: Mapping[str, Any], _depth: int) -> _Found:
        yield read(part)

    return read_one


def _source(part: Mapping[str, Any], depth: int) -> _Found:
    """Anthropic's `image` and `document`; the Model Context Protocol's and LangChain's `image`."""
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
        stated = word(source.get("media_type", source.get("mimeType", source.get("mime_type"))))
        yield named_file(kind, source.get("data", source.get("base64")), stated)


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
            yield named_file(key, source.get("bytes"), word(held.get("format")))

    return read


_BY_TYPE: dict[str, _Reader] = {
    **dict.fromkeys(("text", "input_text", "output_text", "summary_text", "refusal", "text-plain"), _text),
    **dict.fromkeys(("image_url", "input_image"), _one(file_parts.openai_image)),
    **dict.fromkeys(("input_audio", "audio_url", "audio"), _one(file_parts.sound_or_video)),
    **dict.fromkeys(("input_video", "video_url", "video"), _one(file_parts.sound_or_video)),
    **dict.fromkeys(("file", "input_file"), _one(file_parts.openai_file)),
    **dict.fromkeys(("image", "document"), _source),
    "document_url": _one(file_parts.mistral_document),
    **dict.fromkeys(
        ("tool_use", "server_tool_use", "mcp_tool_use", "function_call", "custom_tool_call"), _call
    ),
    **dict.fromkeys(
        ("tool_result", "mcp_tool_result", "function_call_output", "custom_tool_call_output"), _result
    ),
    **dict.fromkeys(("code_execution_result", "bash_code_execution_result"), _run),
    "search_result": _titled,
    "thinking": _thinking,
    **dict.fromkeys(("redacted_thinking", "reasoning"), _hidden),
    **dict.fromkeys(("item_reference", "container_upload"), _by_id),
}
_BY_KEY: dict[str, _Reader] = {
    **dict.fromkeys(("inline_data", "inlineData"), _one(file_parts.google_inline)),
    **dict.fromkeys(("file_data", "fileData"), _one(file_parts.google_file)),
    **{key: _within(key, _call) for key in ("function_call", "functionCall", "toolUse")},
    **{key: _within(key, _result) for key in ("function_response", "functionResponse", "toolResult")},
    "image_url": _one(file_parts.openai_image),
    **{key: _bedrock(key) for key in ("image", "document", "video", "audio")},
    "reasoningContent": _reasoning_content,
    **dict.fromkeys(("cachePoint", "cache_point", "thought_signature", "thoughtSignature"), _nothing),
}
