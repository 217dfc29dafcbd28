"""Which model a call asks, and who sells it: the literal beside the prompt, and the class of the client."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from ...catalog.api_clients import address_host, arguments, client_host, named_provider, takes_model_first
from ..evaluate.plain import keyed
from ..evaluate.texts import Text
from ..evaluate.values import Made, State, Unknown, Value

# Classes of models of other libraries than the table's: `ChatTongyi`, `PromptLayerChatOpenAI`, `VLLM`.
_CHAT_CLASS = re.compile("Chat[A-Z]")
_NO_MODELS = ("ChatPrompt", "ChatMessage", "ChatSession")
# What a notebook calls a model, a chain or an agent that it imports from elsewhere.
_MODEL_NAME = re.compile(
    r"(?:^|_)(?:llm|llms|chat_?model|gpt\d*|claude|gemini|chatgpt|chain|qa|agent|agent_executor)(?:_\w+)?$",
    re.IGNORECASE,
)
_ADDRESS = ("base_url", "api_base", "openai_api_base", "endpoint_url", "server_url")
# Whose endpoint only a run knows: no price of the model's maker is right there.
UNKNOWN_HOST = "unknown-host"
_DEEPEST = 6
_MOST_INSIDE = 500


def is_model(value: Value, state: State) -> bool:
    """Whether a value is a model, or holds one: a client, a chain, an agent."""
    return any(
        client_host(each.name) is not None or _is_model_class(each.last_name)
        for each in islice(_inside(value, state), _MOST_INSIDE)
    )


def _is_model_class(name: str) -> bool:
    """Whether a class of a library that the table does not have is named as models are."""
    is_chat = _CHAT_CLASS.search(name) is not None and not name.startswith(_NO_MODELS)
    return is_chat or name.endswith("LLM")


def is_called_a_model(value: Value) -> bool:
    """Whether the name of something that the notebook does not make says that it is a model."""
    name = getattr(getattr(value, "node", None), "id", "")
    return isinstance(value, Unknown) and bool(_MODEL_NAME.search(name))


def model_of(named: Mapping[str, Value], owner: Value, state: State) -> str | None:
    """The model beside the prompt, or that of its client, as HOST/MODEL where the host is known."""
    beside = _named_model(named, state)
    if isinstance(owner, Unknown) and isinstance(owner.node, ast.Name):
        owner = Made(owner.node.id)  # a module is a client too: `ollama.chat(…)`
    for place, each in enumerate(islice(_inside(owner, state), _MOST_INSIDE)):
        if place and "embed" in each.name.lower():
            continue  # what a retriever embeds with is not what answers
        host = _host(each)
        model = beside or _named_model(each.keywords, state) or _model_in_first_place(each)
        if model and (host is not None or not beside):
            return _sold_by(host or "", model)
    return _sold_by("", beside) if beside else None


def at_host(host: str, model: str) -> str:
    """A model's name as its host sells it."""
    return _sold_by(host, model)


def _named_model(named: Mapping[str, Value], state: State) -> str | None:
    for key in arguments("model"):
        value = named.get(key)
        if isinstance(value, Text) and value.text.strip() and not value.n_unknown:
            return value.text.strip()
        if isinstance(value, Made):  # a model that an agent or a chain is made with
            return model_of({}, value, state)
    return None


def _model_in_first_place(made: Made) -> str | None:
    """`GenerativeModel("gemini-2.5-pro")`, `Agent("openai:gpt-5")`, `dspy.LM("openai/gpt-5")`."""
    match made.args:
        case (Text(text=model, n_unknown=0), *_) if takes_model_first(made.name) and model.strip():
            return model.strip()
    return None


def _host(made: Made) -> str | None:
    """Who is asked through a client: by its address where one is given, else by its class."""
    for key in _ADDRESS:
        address = made.keywords.get(key)
        if address is None:
            continue
        is_known = isinstance(address, Text) and bool(address.text)
        if is_known and address.n_unknown and "://" not in address.text:
            is_known = False  # the machine's name is what is not known
        return address_host(address.text) if is_known else UNKNOWN_HOST
    return client_host(made.name)


def _sold_by(host: str, model: str) -> str:
    prefix, colon, rest = model.partition(":")
    provider = (
        named_provider(prefix) if colon and host != "ollama" else None
    )  # there it is a tag: `mistral:7b`
    if provider is not None:
        return f"{provider}/{rest}"
    first, slash, _ = model.partition("/")
    says_its_host = (slash and first.startswith(host)) or (host == "bedrock" and "." in model)
    if not host or says_its_host:
        return model
    return f"{host}/{model}"


def _inside(value: Value, state: State, depth: int = 0) -> Iterator[Made]:
    """What a call made, then what it was made with and made on."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Made):
        yield value
        for each in (*value.args, *value.keywords.values(), value.owner):
            yield from _inside(each, state, depth + 1)
        return
    items = state.items(value)
    for each in items.values if items else (keyed(value, state) or {}).values():
        yield from _inside(each, state, depth + 1)
