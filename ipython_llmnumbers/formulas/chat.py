"""Tokens that a chat request costs beside the text of its messages."""

from __future__ import annotations


def frame_tokens(
    reply_tokens: int,
    requests: int,
    message_tokens: int,
    messages: int,
    system_tokens: int,
    systems: int,
    own_system_tokens: int,
    requests_without_system: int,
    name_tokens: int,
    names: int,
    result_tokens: int,
    results: int,
) -> int:
    """Tokens of the frames around messages, among them system messages, and of the start of each request's
    reply; of the system message that a template writes where none is given; and what the messages that hand
    back a tool's result have more or fewer.

    >>> frame_tokens(3, 1, 4, 1, system_tokens=4, systems=1, own_system_tokens=0, requests_without_system=0,
    ...     name_tokens=1, names=0, result_tokens=0, results=0)
    11
    """
    framed = reply_tokens * requests + message_tokens * messages + system_tokens * systems
    return (
        framed + own_system_tokens * requests_without_system + name_tokens * names + result_tokens * results
    )


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


def plain_tokens(text_tokens: int, plain_tokens: int, requests: int) -> int:
    """Tokens of texts that are sent without messages.

    >>> plain_tokens(text_tokens=11, plain_tokens=2, requests=2)
    15
    """
    return text_tokens + plain_tokens * requests


def schema_tokens(json_tokens: int, each_tokens: int, tools: int, named_tokens: int, named: int) -> int:
    """Tokens of the schemas of tools: their JSON, a frame around each, the name of one that must be called.

    >>> schema_tokens(json_tokens=245, each_tokens=4, tools=2, named_tokens=22, named=0)
    253
    """
    return json_tokens + each_tokens * tools + named_tokens * named


def tool_list_tokens(list_tokens: int, once_tokens: int, requests: int) -> int:
    """Tokens of tools that are sent as one list.

    >>> tool_list_tokens(list_tokens=108, once_tokens=2, requests=1)
    110
    """
    return list_tokens + once_tokens * requests


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
