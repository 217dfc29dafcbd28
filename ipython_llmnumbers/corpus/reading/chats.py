"""Chats in rows: their texts, what their frames depend on, and what of them is no text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...files.formats import FormatError, parse_json_row
from ...probes.prompts.chat import Prompt, prompt_of
from ...probes.prompts.parts import Audio, Document, Image, Part, Rewritten, Thinking, Video
from .. import tally as kinds
from ..tally import Chats

BESIDE_MESSAGES = ("system", "systemInstruction", "system_instruction", "tools", "functions")
"""Fields that belong to a request whose messages stand beside them, as in a file to fine-tune with."""

_TOOLS = {"tools", "functions"}

MESSAGES = ("messages", "conversations", "contents")
"""What a request calls its messages: OpenAI and Anthropic, ShareGPT, Google."""

CHATS = (*MESSAGES, "conversation")
"""What data sets call their chats: LMSYS-Chat-1M and WildChat have a conversation."""

_FILES_BESIDE = {
    **dict.fromkeys(("image", "images"), kinds.IMAGES),
    **dict.fromkeys(("video", "videos"), kinds.VIDEO),
    **dict.fromkeys(("audio", "audios"), kinds.AUDIO),
}
"""Fields that name the files that a row's messages speak of, as LLaVA and LLaMA-Factory have them."""

MESSAGE_KEYS = ("role", "from", "parts")
"""One of them tells a message from another object."""

_KINDS: dict[type[Part], str] = {
    Image: kinds.IMAGES,
    Document: kinds.DOCUMENTS,
    Audio: kinds.AUDIO,
    Video: kinds.VIDEO,
    Rewritten: kinds.CALLS,
    Thinking: kinds.THINKING,
}


def is_chat(value: Any) -> bool:
    """Whether a value is the messages of a chat, or a request that holds some.

    >>> is_chat([{"role": "user", "content": "Hi"}]), is_chat({"input": "Hi", "model": "m"}), is_chat([{}])
    (True, True, False)
    """
    if isinstance(value, Mapping):
        if isinstance(
            value.get("input"), str
        ):  # OpenAI's Responses; the other requests with an input embed it
            return "embed" not in str(value.get("model", "embed"))
        return any(_are_messages(value.get(key)) for key in (*MESSAGES, "input"))
    return _are_messages(value)


def chat_of(value: Any, row: Mapping[str, Any]) -> Prompt:
    """The chat in a row's field, by `is_chat`; what belongs to its request may stand beside its messages.

    Raises:
        UsageError: a message that cannot be read.
    """
    if isinstance(value, Mapping):
        told = {key: _told(one) if _are_messages(one) else one for key, one in value.items()}
        return prompt_of(_without_none(told))
    beside = {key: row[key] for key in BESIDE_MESSAGES if row.get(key) and not isinstance(row[key], bool)}
    for key in _TOOLS & beside.keys():
        beside[key] = _some_tools(beside[key])
    return prompt_of({**_without_none(beside), "messages": _told(value)})


def _some_tools(written: Any) -> Any:
    """Tools that are no list, as LLaMA-Factory has their JSON, as one: what counts is that there are some."""
    if isinstance(written, list) and all(isinstance(tool, Mapping) for tool in written):
        return written
    is_none = isinstance(written, str) and written.strip() in ("", "[]", "null")
    return [] if is_none else [{"name": "tools", "parameters": {}}]


def written_chat(name: str, text: str) -> Any:
    """The chat that a field of text holds as JSON, as a table has it that knows no lists; else the text."""
    if name.rpartition(".")[2] not in CHATS or not text.lstrip().startswith(("[", "{")):
        return text
    try:
        value = parse_json_row(text.encode("utf-8", "replace"))
    except FormatError:
        return text
    return value if is_chat(value) else text


def texts_of(chat: Prompt) -> Iterator[str]:
    """The texts that are counted: those of messages, and names."""
    for message in chat.messages:
        yield from (text for text in (message.text, message.name) if text)


def frames_of(chat: Prompt) -> Chats:
    """What the frames of a chat depend on."""
    messages = chat.messages
    n_systems = sum(message.is_system for message in messages)
    return Chats(
        requests=1,
        messages=len(messages) - n_systems,
        systems=n_systems,
        requests_without_system=int(not chat.has_system),
        names=sum(bool(message.name) for message in messages),
        results=sum(message.is_result for message in messages),
    )


def beside_text(chat: Prompt, row: Mapping[str, Any]) -> Iterator[str]:
    """The kinds of what a chat and its row have beside its text, some of them more than once."""
    yield from (kind for name, kind in _FILES_BESIDE.items() if row.get(name))
    for message in chat.messages:
        yield from (_KINDS.get(type(part), kinds.OTHER) for part in message.parts)
    if chat.tools:
        yield kinds.TOOLS
    if chat.answer_format is not None:
        yield kinds.FORMAT


def _are_messages(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and all(isinstance(one, Mapping) and any(key in one for key in MESSAGE_KEYS) for one in value)
    )


def _told(messages: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Messages without the keys that only others of a table have; one without content is empty."""
    return [message if _is_plain(message) else _complete(message) for message in messages]


def _is_plain(message: Mapping[str, Any]) -> bool:
    return all(type(one) is str for one in message.values())


def _complete(message: Mapping[str, Any]) -> Any:
    empty = {key: "" for key in ("content", "value") if message.get(key, "") is None}
    return _without_none({**message, **empty})


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_none(one) for one in value]
    return value
