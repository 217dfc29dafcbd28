"""Build the request that a call sends: its messages, their parts, and what stands beside them.

What the source has as a literal goes into the request as it is; what only a run fills in is left out,
and said.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ...messages import Message, say, shorten
from ...patterns import pattern
from ..evaluate.methods import as_text
from ..evaluate.plain import Plain, keyed, known
from ..evaluate.texts import Text, template
from ..evaluate.values import Fields, Items, Made, Sent, State, Unknown, Value

# Class names of messages, and the roles that they stand for (LangChain, LlamaIndex, Google, Azure).
_ROLE_OF_CLASS = {
    **dict.fromkeys(("SystemMessage", "SystemMessagePromptTemplate", "DeveloperMessage"), "system"),
    **dict.fromkeys(("HumanMessage", "HumanMessagePromptTemplate", "UserMessage", "UserContent"), "user"),
    **dict.fromkeys(
        ("AIMessage", "AIMessagePromptTemplate", "AssistantMessage", "ModelContent"), "assistant"
    ),
    **dict.fromkeys(("ToolMessage", "FunctionMessage"), "tool"),
    **dict.fromkeys(("ChatMessage", "Content", "Message", "MessageParam", "InputMessage"), "user"),
}
ROLES = {
    "system": "system",
    "developer": "developer",
    "human": "user",
    "user": "user",
    "ai": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
    "placeholder": "placeholder",
}
_DEEPEST = 20
_MOST_PARTS = 20_000
# What kind of part it is stands at its beginning: its type, its names, a media type.
_MOST_KIND_CHARS = 200
_CONTENT = ("content", "parts", "prompt", "template", "text", "blocks")
_TEXT_TYPES = ("", "text", "input_text", "output_text", "TEXT")
_TOOL_PARTS = pattern("tool|function|thinking|reasoning", re.IGNORECASE)
_KINDS = (
    (pattern(r"image|\.(?:png|jpe?g|webp|gif|bmp)\b", re.IGNORECASE), say("image {source}")),
    (pattern(r"audio|\.(?:mp3|wav|ogg|flac|m4a)\b", re.IGNORECASE), say("audio {source}")),
    (pattern(r"video|\.(?:mp4|mov|webm|mpe?g)\b", re.IGNORECASE), say("video {source}")),
    (pattern(r"pdf|document|file|upload", re.IGNORECASE), say("file {source}")),
)
_OTHER_KIND = say("part {source}")
# A picture that only a run reads costs what one at an unknown address does: between the least and the most.
_IMAGE_TYPES = ("image", "image_url", "input_image")
_ELSEWHERE = {"type": "image_url", "image_url": {"url": "https://unknown"}}


class Draft:
    """A request being built, with what it lacks."""

    def __init__(
        self,
        state: State,
        fields: Mapping[str, Text] | None = None,
        inserted: Mapping[Any, Value] | None = None,
    ) -> None:
        """`fields` fill the templates among its messages, `inserted` the placeholders for messages."""
        self.state = state
        self._fields = fields
        self._inserted = inserted or {}
        self.texts: list[str] = []
        self.not_counted: list[str] = []
        self.n_unknown = 0
        self._depth = 0
        self._parts_left = _MOST_PARTS

    # -- messages ---------------------------------------------------------------------

    def text(self, value: Value, *, is_template: bool = False) -> str:
        """The text of a value; its holes are counted."""
        text = as_text(value, self.state)
        if is_template and self._fields is not None:
            text = template(text, self._fields)
        self.n_unknown += text.n_unknown
        if text.text:
            self.texts.append(text.text)
        return text.text

    def messages(self, value: Value) -> list[dict[str, Any]]:
        """The messages in an argument: a text, one message, a list of messages or of parts."""
        items, fields = self.state.items(value), self.state.fields(value)
        if items is not None and not self._is_pair(items):
            return self._listed(items)
        if fields is not None and "messages" in fields.entries:
            with self._one_deeper() as is_looked_at:
                return self.messages(fields.entries["messages"]) if is_looked_at else []
        message = self._message(value)
        if message is not None:
            return [message]
        content = self.content(value)
        return [{"role": "user", "content": content}] if content else []

    def joined(self, values: Sequence[Value]) -> dict[str, Any]:
        """One message of the user's with the texts of all values."""
        return {"role": "user", "content": "\n".join(filter(None, map(self.text, values)))}

    @contextmanager
    def _one_deeper(self) -> Iterator[bool]:
        """Whether what is inside is still looked at: a list can hold itself, or one list many times."""
        self._depth += 1
        self._parts_left -= 1
        is_too_much = self._depth > _DEEPEST or self._parts_left < 0
        self.n_unknown += is_too_much
        try:
            yield not is_too_much
        finally:
            self._depth -= 1

    def _listed(self, items: Items) -> list[dict[str, Any]]:
        """Messages one by one; parts that stand among them are the user's."""
        self.n_unknown += items.more
        found: list[dict[str, Any]] = []
        loose: list[dict[str, Any]] = []
        for each in items.values:
            place = self._placeholder(each)
            if place is not None:
                found += self._listed(place)
                continue
            message = self._message(each)
            if message is None:
                loose += self._parts(each)
                continue
            if loose:
                found.append({"role": "user", "content": loose})
                loose = []
            found.append(message)
        return [*found, {"role": "user", "content": loose}] if loose else found

    def _is_pair(self, items: Items) -> bool:
        match items.values:
            case (Text(text=role), _):
                return role.lower() in ROLES
        return False

    def _placeholder(self, value: Value) -> Items | None:
        """The messages that are put in for `MessagesPlaceholder("history")`; None of what is none."""
        if isinstance(value, Made) and value.last_name == "MessagesPlaceholder":
            name = value.keywords.get("variable_name", value.args[0] if value.args else None)
        else:
            match (self.state.items(value) or Items()).values:
                case (Text(text="placeholder"), Text() as name):
                    name = Text(name.text.strip("{}"))
                case _:
                    return None
        known_items = self.state.items(self._inserted.get(name.text)) if isinstance(name, Text) else None
        self.n_unknown += known_items is None
        return known_items or Items()

    def _message(self, value: Value) -> dict[str, Any] | None:
        """One message; None of what is none."""
        items = self.state.items(value)
        if items is not None and self._is_pair(items):
            return self._of_pair(items.values)
        if isinstance(value, Sent):
            return {"role": "assistant", "content": self.text(value)}
        fields = self.state.fields(value)
        if fields is not None:
            if "role" in fields.entries or (_held(fields.entries) and "type" not in fields.entries):
                return self._of_entries(fields, "user")
            return self._responses_item(fields)
        if isinstance(value, Made):
            return self._of_class(value)
        return None

    def _of_pair(self, pair: tuple[Value, ...]) -> dict[str, Any]:
        role = ROLES[pair[0].text.lower()]
        return {"role": role, "content": self._templated(pair[1])}

    def _of_entries(self, fields: Fields, role: str) -> dict[str, Any]:
        self.n_unknown += fields.more
        entries = fields.entries
        named = known(entries.get("role", Text(role)), self.state)
        message: dict[str, Any] = {"role": named if isinstance(named, str) else role}
        key = _held(entries)
        message["content"] = self.content(entries[key]) if key else ""
        for name in ("tool_calls", "function_call", "name"):
            if entries.get(name) is not None:
                message[name] = self._json(entries[name])
        return message

    def _responses_item(self, fields: Fields) -> dict[str, Any] | None:
        """A call of a tool or its output among the items of OpenAI's responses."""
        for key in ("output", "arguments"):
            if key in fields.entries and "type" in fields.entries:
                item = {
                    "type": known(fields.entries["type"], self.state) or "",
                    key: self.text(fields.entries[key]),
                }
                return {**item, "name": self._json(fields.entries.get("name", Text("")))}
        return None

    def _of_class(self, value: Made) -> dict[str, Any] | None:
        """`HumanMessage("…")`, `types.Content(role=…, parts=[…])`, `….from_template("…")`."""
        names = value.name.split(".")
        role = next((_ROLE_OF_CLASS[name] for name in reversed(names) if name in _ROLE_OF_CLASS), None)
        if role is None:
            return None
        key = _held(value.keywords)
        content = value.keywords[key] if key else (value.args[-1] if value.args else Text(""))
        named = known(value.keywords.get("role", Text(role)), self.state)
        role = ROLES.get(named.lower(), role) if isinstance(named, str) else role
        is_template = "PromptTemplate" in value.name
        message = {
            "role": role,
            "content": self._templated(content) if is_template else self.content(content),
        }
        # AutoGen's UserMessage says who speaks.
        said_by = value.keywords.get("name", value.keywords.get("source") if "UserMessage" in names else None)
        if said_by is not None:
            message["name"] = self._json(said_by)
        return message

    def _templated(self, value: Value) -> str | list[dict[str, Any]]:
        if isinstance(value, Text):
            return self.text(value, is_template=True)
        return self.content(value)

    # -- parts ------------------------------------------------------------------------

    def content(self, value: Value) -> str | list[dict[str, Any]]:
        """What a message holds: a text, or parts."""
        if self.state.content(value) is None and not isinstance(value, Made):
            return self.text(value)
        if isinstance(value, Made) and value.last_name in ("dumps", "str"):
            return self.text(value)
        return self._parts(value)

    def _parts(self, value: Value) -> list[dict[str, Any]]:
        with self._one_deeper() as is_looked_at:
            return self._parts_inside(value) if is_looked_at else []

    def _parts_inside(self, value: Value) -> list[dict[str, Any]]:
        items, fields = self.state.items(value), self.state.fields(value)
        if items is not None:
            self.n_unknown += items.more
            return [part for each in items.values for part in self._parts(each)]
        if fields is not None:
            return self._part_of_fields(value, fields)
        if isinstance(value, Made):
            return self._part_of_class(value)
        text = self.text(value)
        return [{"type": "text", "text": text}] if text else []

    def _part_of_fields(self, value: Value, fields: Fields) -> list[dict[str, Any]]:
        entries = fields.entries
        kind = known(entries.get("type", Text("")), self.state) or ""
        if isinstance(entries.get("text"), Text | Unknown | Made | Sent) and kind in _TEXT_TYPES:
            return [{"type": "text", "text": self.text(entries["text"])}]
        if kind == "tool_result" or "toolResult" in entries:
            held = keyed(entries.get("toolResult", value), self.state) or entries
            return [{"type": "tool_result", "content": self.content(held.get("content", Text("")))}]
        if _TOOL_PARTS.search(kind or " ".join(map(str, entries))):
            return [self._json(value)]
        plain = Plain(self.state)
        written = plain.of(value)
        if plain.n_unknown and (kind in _IMAGE_TYPES or "image_url" in entries):
            return [{**written, **_ELSEWHERE}]
        if plain.n_unknown:
            self._lacks(str(written)[:_MOST_KIND_CHARS], plain.first_hole or value)
            return []
        return [written]

    def _part_of_class(self, value: Made) -> list[dict[str, Any]]:
        """`types.Part.from_text(text=…)`, `Part.from_bytes(…)`, `Image.open(…)`, an uploaded file."""
        text = value.keywords.get("text")
        if text is None and value.last_name in ("from_text", "Text", "TextContent", "TextBlock", "TextPart"):
            text = value.args[0] if value.args else Unknown()
        if text is not None:
            return [{"type": "text", "text": self.text(text)}]
        if value.last_name in ("str", "dumps", "loads"):
            return [{"type": "text", "text": self.text(value)}]
        literals = [each.text for each in (*value.args, *value.keywords.values()) if isinstance(each, Text)]
        self._lacks(" ".join((value.name, *literals)), value, is_text=True)
        return []

    def _lacks(self, words: str, value: Value, *, is_text: bool = False) -> None:
        """Note a part that is not in the request, by what its words say that it is."""
        self.n_unknown += 1
        kind = next((each for pattern, each in _KINDS if pattern.search(words)), None)
        if kind is not None or not is_text:
            self.lack(kind or _OTHER_KIND, value)

    def lack(self, what: Message, value: Value) -> None:
        """Name what is not counted; `{source}` in it is how the source writes the value."""
        self.not_counted.append(say(what.template, source=source_of(value)))

    def _json(self, value: Value) -> Any:
        plain = Plain(self.state)
        written = plain.of(value)
        self.n_unknown += plain.n_unknown
        return written


def _held(entries: Mapping[Any, Value]) -> str | None:
    return next((key for key in _CONTENT if key in entries), None)


def source_of(value: Value) -> str:
    """How the source writes a value, in short."""
    node = getattr(value, "node", None)
    if node is None:
        return "…"
    return shorten(ast.unparse(node))[1:-1] if isinstance(node, ast.AST) else "…"
