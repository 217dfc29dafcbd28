"""What the calls of client libraries are named, and which of their arguments hold text."""

from __future__ import annotations

import ast
import re

# The end of a call's dotted name, and the arguments that hold text; an int is a place.
# OpenAI, Anthropic, google-genai and its predecessor, LiteLLM, LangChain.
CALLS: dict[str, tuple[str | int, ...]] = {
    "chat.completions.create": ("messages",),
    "chat.completions.parse": ("messages",),
    "chat.completions.stream": ("messages",),
    "ChatCompletion.create": ("messages",),
    "ChatCompletion.acreate": ("messages",),
    "completions.create": ("prompt", "messages"),
    "Completion.create": ("prompt",),
    "responses.create": ("instructions", "input"),
    "responses.parse": ("instructions", "input"),
    "responses.stream": ("instructions", "input"),
    "messages.create": ("system", "messages", "content"),
    "messages.stream": ("system", "messages"),
    "embeddings.create": ("input",),
    "generate_content": ("config", "contents", 0),
    "generate_content_stream": ("config", "contents", 0),
    "generate_content_async": ("contents", 0),
    "send_message": ("message", 0),
    "litellm.completion": ("messages", 1),
    "litellm.acompletion": ("messages", 1),
    "completion": ("messages",),
    "acompletion": ("messages",),
    "chat": ("messages",),
    "invoke": (0, "input"),
    "ainvoke": (0, "input"),
    "predict": (0, "text"),
    "apredict": (0, "text"),
}
# What makes a LangChain prompt; `{field}`s of its text are filled in later.
TEMPLATES: dict[str, tuple[str | int, ...]] = {
    "ChatPromptTemplate.from_messages": (0, "messages"),
    "ChatPromptTemplate.from_template": (0, "template"),
    "PromptTemplate.from_template": (0, "template"),
    "FewShotPromptTemplate": ("prefix", "suffix"),
    "ChatPromptTemplate": (0, "messages"),
    "PromptTemplate": ("template", 0),
}
# What holds one message or a part of one.
_MESSAGE = re.compile(
    r"(?:System|Human|AI|Chat|User|Assistant)Message(?:PromptTemplate)?$|^(?:Content|Part|GenerateContentConfig)$"
)
CONTENT = ("content", "text", "parts", "prompt", "template", "system_instruction", "contents")
ROLES = {"system", "human", "user", "ai", "assistant", "developer", "tool", "placeholder"}
# Helpers that a notebook imports from a file beside it.
HELPER = re.compile(
    r"(?:get|run|make|do)(?=_)(?=\w*?_(?:completion|response|answer|prompt|chat))\w*+|"
    r"(?:ask|query|call|prompt|chat_with|complete_with)_(?:gpt|llm|claude|gemini|openai|model|chatgpt)\w*|"
    r"ask|llm|get_completion\w*"
)
# Calls that take the model first, without its name.
MODEL_FIRST = {"completion", "acompletion", "GenerativeModel"}
MODEL_ARGUMENTS = ("model", "model_name", "model_id", "deployment_name", "engine")


def text_places(name: str, table: dict[str, tuple[str | int, ...]]) -> tuple[str | int, ...] | None:
    """The places of text in a call, by the longest end of its name that the table has."""
    parts = name.split(".")
    for start in range(len(parts)):
        found = table.get(".".join(parts[start:]))
        if found is not None:
            return found
    return None


def dotted(node: ast.expr) -> str:
    """`client.chat.completions.create` of a call's function; a part that is no name is `?`."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=name):
            return f"{dotted(owner)}.{name}"
    return "?"


def is_message(node: ast.Call) -> bool:
    name = dotted(node.func)
    return any(_MESSAGE.search(part) for part in name.split("."))
