"""Tokens that a chat request costs beside the text of its messages."""

from __future__ import annotations


def frame_tokens(
    reply_tokens: int, message_tokens: int, name_tokens: int, requests: int, messages: int, names: int
) -> int:
    """Tokens of the frames around messages, and of the start of each request's reply.

    >>> frame_tokens(reply_tokens=3, message_tokens=4, name_tokens=1, requests=1, messages=2, names=0)
    11
    """
    return reply_tokens * requests + message_tokens * messages + name_tokens * names


def tool_tokens(any_tokens: int, each_tokens: int, tools: int, schema_tokens: int) -> int:
    """Tokens of tool definitions: once for any, for each, and their names, texts and schemas.

    >>> tool_tokens(any_tokens=16, each_tokens=6, tools=2, schema_tokens=80)
    108
    """
    return any_tokens + each_tokens * tools + schema_tokens


def input_tokens(text_tokens: int, frame_tokens: int, tool_tokens: int, image_tokens: int) -> int:
    """Tokens of the whole request.

    >>> input_tokens(text_tokens=100, frame_tokens=11, tool_tokens=0, image_tokens=765)
    876
    """
    return text_tokens + frame_tokens + tool_tokens + image_tokens
