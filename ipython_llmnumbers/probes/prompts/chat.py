"""Read a prompt: plain text, or the messages of a chat with what goes beside their text.

A chat may be written as blocks (`system:` / `user:` / `assistant:` at the start of a
line), or as JSON or YAML in a provider's own shape: OpenAI's chat and responses,
Anthropic's, Google's, Mistral's, Bedrock's, or ShareGPT's. Nothing in it is run, fetched or expanded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from ...errors import UsageError
from ...files.formats import FormatError, compact_json, parse_json, parse_yaml
from ...messages import say
from ...patterns import pattern
from ...records import dataclass
from .file_parts import BY_ID, resolution
from .parts import Part, Rewritten, Uncounted
from .read_parts import is_tool_result, parts_of
from .tools import Tool, ToolChoice, choice_in, tools_in

Form = Literal["auto", "text", "chat"]

_ROLES = ("system", "developer", "user", "assistant", "tool", "model", "human")
_BLOCK = pattern(rf"^({'|'.join(_ROLES)})[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)
_JSON_CHAT = pattern(r"\s*[\[{].*\"(role|messages|contents|conversations)\"\s*:", re.DOTALL)
# A request of OpenAI's Responses whose input is a text.
_JSON_RESPONSE = pattern(r"\s*\{(?=.*\"model\"\s*:).*\"input\"\s*:", re.DOTALL)
_YAML_CHAT = pattern(r"\s*-[ \t]+(role|content|name)[ \t]*:")
# Where a request's settings may stand: beside the messages, or as Google nests them.
_SETTINGS = ("config", "generation_config", "generationConfig")


_FREE = ToolChoice()


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its role, all of its text, and its other parts.

    `hands_back` is true of a message that only brings what tools answered.
    """

    role: str
    text: str
    parts: tuple[Part, ...] = ()
    name: str | None = None
    hands_back: bool = False

    @property
    def is_system(self) -> bool:
        """Whether it is a system message, under either of OpenAI's names for it."""
        return self.role in ("system", "developer")

    @property
    def is_result(self) -> bool:
        """Whether it is framed as what a tool answered."""
        return self.hands_back or self.role in ("tool", "function")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent in one call. `is_chat` where it was written as messages.

    `answer_format` is the schema of the answer, and `resolution` Google's, of all media that have none
    of their own. `is_responses` where it is a request of OpenAI's Responses, whose messages are `input`.
    """

    messages: tuple[Message, ...]
    is_chat: bool = False
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = _FREE
    answer_format: Any = None
    resolution: str = ""
    is_responses: bool = False

    @property
    def text(self) -> str:
        """The text of all messages."""
        return "\n".join(message.text for message in self.messages)

    @property
    def has_system(self) -> bool:
        """Whether any of its messages is a system message."""
        return any(message.is_system for message in self.messages)

    @property
    def current_turn(self) -> tuple[Message, ...]:
        """The messages behind the last one of the user that does more than hand back a tool's answer."""
        last = max(
            (n for n, each in enumerate(self.messages) if each.role == "user" and not each.hands_back),
            default=-1,
        )
        return self.messages[last + 1 :]


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
        if _JSON_CHAT.match(text) or _JSON_RESPONSE.match(text):
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
    request: Mapping[str, Any] = _flat(value) if isinstance(value, Mapping) else {}
    listed = value
    for key in ("conversations", "messages", "contents", "input", "item"):
        if key in request:
            listed = request[key]
    if isinstance(listed, Mapping):
        listed = [listed]
    if isinstance(listed, str) or _are_parts(listed, request):
        listed = [{"role": "user", "content": listed}]
    if (
        not isinstance(listed, Sequence)
        or not listed
        or not all(isinstance(each, Mapping) for each in listed)
    ):
        raise UsageError('a chat is a list of messages such as {"role": "user", "content": "…"}')
    system = [
        _message_of("system", request[key])
        for key in ("system", "instructions", "system_instruction", "systemInstruction")
        if request.get(key)
    ]
    messages = tuple(_message(each, position) for position, each in enumerate(listed, start=1))
    return Prompt(
        (*system, *_with_elsewhere(messages, request)),
        is_chat=True,
        tools=tuple(tools_in(request)),
        tool_choice=choice_in(request),
        answer_format=_answer_format(request),
        resolution=resolution(request.get("media_resolution", request.get("mediaResolution"))),
        is_responses="input" in request,
    )


def _are_parts(listed: Any, request: Mapping[str, Any]) -> bool:
    """Whether Google's `contents` are the parts of one message, as its client takes them: texts and files."""
    if "contents" not in request or not isinstance(listed, Sequence) or not listed:
        return False
    return not any(isinstance(each, Mapping) and {"role", "parts"} & set(each) for each in listed)


# What a request only names: what was said before, or what was stored.
_ELSEWHERE = {
    **dict.fromkeys(("previous_response_id", "conversation"), say("the conversation before")),
    **dict.fromkeys(("cachedContent", "cached_content"), say("content that was cached before")),
}
_STORED = say("a prompt by its id")


def _with_elsewhere(messages: tuple[Message, ...], request: Mapping[str, Any]) -> tuple[Message, ...]:
    """The messages, with what the request names but does not hold, and with Cohere's documents."""
    found = dict.fromkeys(Uncounted(what) for key, what in _ELSEWHERE.items() if request.get(key))
    if isinstance(request.get("prompt"), Mapping):
        found[Uncounted(_STORED)] = None
    listed = request.get("documents")
    documents = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    if not found and not documents:
        return messages
    parts = (*messages[0].parts, *found, *(Rewritten(each) for each in documents))
    return (replace(messages[0], parts=parts), *messages[1:])


def _flat(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """A request with the settings that Google nests beside its messages."""
    nested = [request[key] for key in _SETTINGS if isinstance(request.get(key), Mapping)]
    return {key: each for settings in nested for key, each in settings.items()} | dict(request)


def _answer_format(request: Mapping[str, Any]) -> Any:
    """The JSON schema that the answer must follow, wherever the provider has it; None without one."""
    text = request.get("text")
    config = request.get("output_config")
    held = (
        request.get("response_format"),
        text.get("format") if isinstance(text, Mapping) else None,
        config.get("format") if isinstance(config, Mapping) else None,
        request.get("output_format"),
    )
    for each in held:
        if isinstance(each, Mapping) and ("schema" in each or "json_schema" in each):
            return each.get("json_schema", each)
    names = ("response_schema", "responseSchema", "response_json_schema", "responseJsonSchema")
    return next((request[name] for name in names if isinstance(request.get(name), Mapping)), None)


def with_system(prompt: Prompt, system: str) -> Prompt:
    """The prompt with one more system message in front; that makes a chat of it."""
    return replace(prompt, messages=(Message("system", system), *prompt.messages), is_chat=True)


def _blocks(text: str) -> Iterator[Message]:
    marks = list(_BLOCK.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=True):
        yield Message(mark[1].lower(), text[mark.end() : end].strip("\n"))


def _message(value: Mapping[str, Any], position: int) -> Message:
    """One of a chat's messages, or of the items of OpenAI's Responses, of which some have no role."""
    content = value.get("content", value.get("parts", value.get("value")))
    calls: list[Part] = [_function(each) for each in _calls(value)]
    if "role" not in value and isinstance(value.get("type"), str) and value["type"] != "message":
        return _message_of(value["type"], value)
    if content is None:
        content = value.get("refusal")
    if isinstance(value.get("audio"), Mapping):  # an answer that was spoken, sent back by its id
        calls.append(Uncounted(BY_ID))
    if content is None and not calls:
        raise UsageError('message {number} has no content; give it "content": "…"', number=position)
    name = value.get("name")
    role = str(value.get("role", value.get("from", "user")))
    message = _message_of(role, content, str(name) if name else None)
    return replace(message, parts=(*message.parts, *calls)) if calls else message


def _message_of(role: str, content: Any, name: str | None = None) -> Message:
    if isinstance(content, str):
        return Message(role, content, (), name)
    found = list(parts_of(content))
    texts = [each for each in found if isinstance(each, str) and each]
    parts = tuple(each for each in found if not isinstance(each, str))
    return Message(role, "\n".join(texts), parts, name, is_tool_result(content))


def _calls(value: Mapping[str, Any]) -> Iterator[Any]:
    """The calls that a message of OpenAI's chat makes."""
    calls = value.get("tool_calls")
    yield from calls if isinstance(calls, Sequence) and not isinstance(calls, str) else ()
    if "role" in value and value.get("function_call"):
        yield value["function_call"]


def _function(call: Any) -> Rewritten:
    inner = call.get("function", call) if isinstance(call, Mapping) else call
    return Rewritten(inner)


def json_of(value: Any) -> str:
    """What the model reads of a tool, its call or its result.

    Raises:
        UsageError: an object that holds itself.
    """
    try:
        return compact_json(value)
    except FormatError as error:
        raise UsageError("a tool cannot be written as JSON: {problem}", problem=error.problem) from None


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
