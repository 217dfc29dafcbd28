"""Ask a provider's own endpoint for a count: exact, and the only counting that sends the prompt.

Keys and base URLs are the environment variables of the providers' own SDKs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import LLMNumbersError, UsageError
from ...files.formats import FormatError, parse_json
from ...messages import say
from ...records import dataclass
from ..prompts.chat import Message, Prompt
from .fetch import FetchError, fetch

_SECONDS, _MOST_BYTES = 10.0, 64_000


class ProviderError(LLMNumbersError):
    """A provider that did not count: no key, no answer, or a refusal.

    Its line is written with `say`, as the catalogues know the errors of `errors.py` alone.
    """


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A provider's counting endpoint: where it is, how it is asked, and where its answer stands."""

    provider: str
    name_starts: tuple[str, ...]
    key_variable: str
    base_variable: str
    base_url: str
    path: Callable[[str], str]
    headers: Callable[[str], Mapping[str, str]]
    body: Callable[[str, Sequence[Message]], Mapping[str, Any]]
    answer_key: str


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": each.role, "content": each.text} for each in messages]


def _anthropic_body(model: str, messages: Sequence[Message]) -> Mapping[str, Any]:
    system = "\n".join(each.text for each in messages if each.is_system)
    turns = _turns([each for each in messages if not each.is_system])
    return {"model": model, "messages": turns, **({"system": system} if system else {})}


def _google_body(_model: str, messages: Sequence[Message]) -> Mapping[str, Any]:
    roles = {"assistant": "model"}
    turns = [{"role": roles.get(each.role, "user"), "parts": [{"text": each.text}]} for each in messages]
    return {"contents": turns}


ENDPOINTS = (
    # https://docs.claude.com/en/api/messages-count-tokens
    Endpoint(
        "Anthropic",
        ("claude",),
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_BASE_URL",
        "https://api.anthropic.com",
        lambda _model: "/v1/messages/count_tokens",
        lambda key: {"x-api-key": key, "anthropic-version": "2023-06-01"},
        _anthropic_body,
        "input_tokens",
    ),
    # https://ai.google.dev/api/tokens
    Endpoint(
        "Google",
        ("gemini",),
        "GEMINI_API_KEY",
        "GOOGLE_GEMINI_BASE_URL",
        "https://generativelanguage.googleapis.com",
        lambda model: f"/v1beta/models/{model}:countTokens",
        lambda key: {"x-goog-api-key": key},
        _google_body,
        "totalTokens",
    ),
    # https://platform.openai.com/docs/api-reference/responses/input-tokens
    Endpoint(
        "OpenAI",
        ("gpt-", "o1", "o3", "o4", "chatgpt-"),
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "https://api.openai.com/v1",
        lambda _model: "/responses/input_tokens",
        lambda key: {"authorization": f"Bearer {key}"},
        lambda model, messages: {"model": model, "input": _turns(messages)},
        "input_tokens",
    ),
)


def endpoint_for(model: str) -> Endpoint:
    """The endpoint that counts for a model (its name without vendor).

    Raises:
        UsageError: no provider of this model has one that is known here.
    """
    for endpoint in ENDPOINTS:
        if model.startswith(endpoint.name_starts):
            return endpoint
    known = ", ".join(endpoint.provider for endpoint in ENDPOINTS)
    raise UsageError(
        "{option:ask_provider}: {model} has no counting endpoint known here; these have one: {providers}",
        model=model,
        providers=known,
    )


def ask_tokens(prompt: Prompt, model: str) -> int:
    """Send the prompt to its provider to be counted.

    Raises:
        UsageError: images or tools in the prompt, or a model without an endpoint.
        ProviderError: no key in the environment, no answer, or a refusal.
    """
    endpoint = endpoint_for(model)
    if prompt.tools or prompt.answer_format or any(message.parts for message in prompt.messages):
        raise UsageError("{option:ask_provider} sends text only; leave the tools, pictures and files out")
    key = os.environ.get(endpoint.key_variable)
    if not key:
        raise ProviderError(
            say(
                "{option:ask_provider}: set {variable} to ask {provider}",
                variable=endpoint.key_variable,
                provider=endpoint.provider,
            )
        )
    base = os.environ.get(endpoint.base_variable, endpoint.base_url).rstrip("/")
    answer = _post(
        endpoint.provider,
        base + endpoint.path(model),
        endpoint.headers(key),
        endpoint.body(model, prompt.messages),
    )
    count = answer.get(endpoint.answer_key) if isinstance(answer, Mapping) else None
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ProviderError(
            say("{option:ask_provider}: {provider} answered without a count", provider=endpoint.provider)
        )
    return count


def _post(provider: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Any:
    try:
        answer = fetch(url, seconds=_SECONDS, most_bytes=_MOST_BYTES, headers=headers, post=dict(body))
    except FetchError as error:
        raise ProviderError(
            say(
                "{option:ask_provider}: no answer from {provider} ({reason})",
                provider=provider,
                reason=error.reason,
            )
        ) from None
    if answer.status != 200:
        raise ProviderError(
            say(
                "{option:ask_provider}: {provider} refused with HTTP status {status}",
                provider=provider,
                status=answer.status,
            )
        )
    try:
        return parse_json(answer.body)
    except FormatError:
        raise ProviderError(
            say(
                "{option:ask_provider}: {provider} answered with something that is not JSON",
                provider=provider,
            )
        ) from None
