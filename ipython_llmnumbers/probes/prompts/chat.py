"""Read a prompt: plain text, or the messages of a chat with its tools and images.

A chat may be written as blocks (`system:` / `user:` / `assistant:` at the start of a
line), or as JSON or YAML in a provider's own shape: OpenAI's chat and responses,
Anthropic's, Google's. Nothing in it is run, fetched or expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ...errors import UsageError
from ...files.formats import DEEPEST, FormatError, compact_json, parse_json, parse_yaml
from .images import Image, image_in

Form = Literal["auto", "text", "chat"]

_ROLES = ("system", "developer", "user", "assistant", "tool", "model", "human")
_BLOCK = re.compile(rf"^({'|'.join(_ROLES)})[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)
_JSON_CHAT = re.compile(r"\s*[\[{].*\"(role|messages|contents)\"\s*:", re.DOTALL)
_YAML_CHAT = re.compile(r"\s*-[ \t]+(role|content|name)[ \t]*:")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its role, all of its text, and its images."""

    role: str
    text: str
    images: tuple[Image, ...] = ()
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent in one call. `is_chat` where it was written as messages; `tools` as they were given."""

    messages: tuple[Message, ...]
    is_chat: bool = False
    tools: tuple[Mapping[str, Any], ...] = ()

    @property
    def text(self) -> str:
        """The text of all messages."""
        return "\n".join(message.text for message in self.messages)


def read_prompt(text: str, form: Form = "auto") -> Prompt:
    """Read a text as messages where it is written as such, else as one plain text.

    Raises:
        UsageError: it is written as JSON or YAML messages, and is not well formed.

    >>> [(each.role, each.text) for each in read_prompt("system: Be brief.\\nuser: Hi").messages]
    [('system', 'Be brief.'), ('user', 'Hi')]
    >>> read_prompt("Translate: hello").is_chat
    False
    """
    if form != "text":
        if _JSON_CHAT.match(text):
            return prompt_of(_parsed(parse_json, "JSON", text))
        if _YAML_CHAT.match(text):
            return prompt_of(_parsed(parse_yaml, "YAML", text))
        if _BLOCK.match(text.lstrip()):
            return Prompt(tuple(_blocks(text.lstrip())), is_chat=True)
    if form == "chat":
        raise UsageError(
            "no messages found; begin with a line such as user: or give a JSON or YAML list of them"
        )
    return Prompt((Message("user", text),))


def prompt_of(value: Any) -> Prompt:
    """The prompt in a value of Python: a str, a list of messages, or a request with tools.

    Raises:
        UsageError: nothing in it is a message.
    """
    if isinstance(value, str):
        return read_prompt(value)
    request: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    listed = value
    for key in ("messages", "contents", "input"):
        if key in request:
            listed = request[key]
    if isinstance(listed, Mapping):
        listed = [listed]
    if isinstance(listed, str):
        listed = [{"role": "user", "content": listed}]
    if (
        not isinstance(listed, Sequence)
        or not listed
        or not all(isinstance(each, Mapping) for each in listed)
    ):
        raise UsageError('a chat is a list of messages such as {"role": "user", "content": "…"}')
    system = [
        Message("system", *_content(request[key]))
        for key in ("system", "instructions", "system_instruction", "systemInstruction")
        if request.get(key)
    ]
    messages = tuple(_message(each, position) for position, each in enumerate(listed, start=1))
    tools = request.get("tools") or ()
    if not isinstance(tools, Sequence) or not all(isinstance(tool, Mapping) for tool in tools):
        raise UsageError("tools are a list of objects, each with a name and a schema")
    return Prompt((*system, *messages), is_chat=True, tools=tuple(_declarations(tools)))


def with_system(prompt: Prompt, system: str) -> Prompt:
    """The prompt with one more system message in front; that makes a chat of it."""
    return replace(prompt, messages=(Message("system", system), *prompt.messages), is_chat=True)


def _blocks(text: str) -> Iterator[Message]:
    marks = list(_BLOCK.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=True):
        yield Message(mark[1].lower(), text[mark.end() : end].strip("\n"))


def _message(value: Mapping[str, Any], position: int) -> Message:
    role = value.get("role", value.get("type", "user"))
    content = value.get("content", value.get("parts", value.get("output")))
    if content is None and not {"tool_calls", "function_call", "arguments"} & set(value):
        raise UsageError('message {number} has no content; give it "content": "…"', number=position)
    calls = [value[key] for key in ("tool_calls", "function_call", "arguments") if value.get(key)]
    text, images = _content([content or "", *calls])
    name = value.get("name")
    return Message(str(role), text, images, str(name) if name else None)


def _content(content: Any) -> tuple[str, tuple[Image, ...]]:
    """All text and all images of a message's content, whatever its shape."""
    texts: list[str] = []
    images: list[Image] = []
    _collect(content, texts, images, 0)
    return "\n".join(text for text in texts if text), tuple(images)


def _collect(content: Any, texts: list[str], images: list[Image], depth: int) -> None:
    if depth > DEEPEST:
        raise UsageError("a message is nested deeper than {n} levels", n=DEEPEST)
    match content:
        case str():
            texts.append(content)
        case Mapping():
            image = image_in(content)
            if image is not None:
                images.append(image)
            elif isinstance(content.get("text"), str):
                texts.append(content["text"])
            elif "content" in content or "parts" in content:
                _collect(content.get("content", content.get("parts")), texts, images, depth + 1)
            else:
                # A tool's call or result: its JSON is what the model reads.
                texts.append(json_of(content))
        case Sequence() if not isinstance(content, bytes):
            for part in content:
                _collect(part, texts, images, depth + 1)
        case None:
            pass
        case _:
            texts.append(str(content))


def json_of(value: Any) -> str:
    """What the model reads of a tool, its call or its result.

    Raises:
        UsageError: an object that holds itself.
    """
    try:
        return compact_json(value)
    except FormatError as error:
        raise UsageError("a tool cannot be written as JSON: {problem}", problem=error.problem) from None


def _declarations(tools: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Each tool by itself: Google lists several in one object, OpenAI wraps each in `function`."""
    for tool in tools:
        several = tool.get("function_declarations", tool.get("functionDeclarations"))
        if isinstance(several, Sequence) and not isinstance(several, str):
            yield from (each for each in several if isinstance(each, Mapping))
        elif isinstance(tool.get("function"), Mapping):
            yield tool["function"]
        else:
            yield tool


def _parsed(parse: Callable[[str], Any], form: str, text: str) -> Any:
    try:
        return parse(text)
    except FormatError as error:
        raise UsageError(
            "the messages are not valid {format}: {problem}; mend them, or give {option:as_text=True}"
            " to count them as they are",
            format=form,
            problem=error.problem,
        ) from None
