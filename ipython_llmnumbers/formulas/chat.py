"""Tokens that a chat request costs beside the text of its messages."""

from __future__ import annotations


def frame_tokens(
    reply_tokens: int,
    requests: int,
    message_tokens: int,
    messages: int,
    name_tokens: int,
    names: int,
    result_tokens: int,
    results: int,
) -> int:
    """Tokens of the frames around messages, of the start of each request's reply, and what the messages that
    hand back a tool's result have more or fewer.

    >>> frame_tokens(3, 1, message_tokens=4, messages=2, name_tokens=1, names=0, result_tokens=0, results=0)
    11
    """
    framed = reply_tokens * requests + message_tokens * messages + name_tokens * names
    return framed + result_tokens * results


def function_tokens(
    declaration_tokens: int,
    once_tokens: int,
    requests: int,
    with_system_tokens: int,
    system_requests: int,
    choice_tokens: int,
) -> int:
    """Tokens of functions in OpenAI's notation: their declarations, once a request, other ones where a system
    message is there to hold them, and the choice of a tool.

    >>> function_tokens(60, 9, requests=1, with_system_tokens=-4, system_requests=1, choice_tokens=0)
    65
    """
    held = with_system_tokens * system_requests
    return declaration_tokens + once_tokens * requests + held + choice_tokens


def tool_tokens(prompt_tokens: int, requests: int, schema_tokens: int, built_in_tokens: int) -> int:
    """Tokens of tools: the prompt that tells of them, their schemas, and the provider's own tools.

    >>> tool_tokens(prompt_tokens=159, requests=1, schema_tokens=250, built_in_tokens=0)
    409
    """
    return prompt_tokens * requests + schema_tokens + built_in_tokens


def input_tokens(**tokens: int) -> int:
    """Tokens of the whole request: the sum of its parts.

    >>> input_tokens(text_tokens=100, frame_tokens=11, image_tokens=765)
    876
    """
    return sum(tokens.values())
