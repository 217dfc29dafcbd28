"""The tokens that stand around the messages of chats, by the model's own rule."""

from __future__ import annotations

from ...catalog.tokenization.chat_frames import FrameRule
from ...figures import Figure, assumed, derive
from ...formulas import chat
from ...messages import say

# GPT-3.5's functions were billed two tokens less (github.com/hmarr/openai-chat-tokens, tests); other prints
# there are none, and a result may carry the id of its call.
_RESULT_FRAME = assumed(
    "result_tokens", 0, "tokens", say("how a tool's result is framed is not published"), low=-2, high=8
)


def frame_figure(
    rule: FrameRule,
    *,
    requests: Figure,
    messages: Figure,
    systems: Figure,
    requests_without_system: Figure,
    names: Figure,
    results: Figure,
    note: str,
) -> Figure:
    """`frame_tokens` of so many requests, messages beside the system ones, names, and results of tools."""
    return derive(
        "frame_tokens",
        "tokens",
        chat.frame_tokens,
        reply_tokens=rule.reply_tokens,
        message_tokens=rule.message_tokens,
        system_tokens=rule.system_tokens,
        own_system_tokens=rule.own_system_tokens,
        name_tokens=rule.name_tokens,
        requests=requests,
        messages=messages,
        systems=systems,
        requests_without_system=requests_without_system,
        names=names,
        result_tokens=_RESULT_FRAME,
        results=results,
        note=note,
    )
