"""How many tokens a call sends: the text, the frames of its messages, its tools and what is attached.

Several prompts, one call each, are counted together: every figure is then their sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ...errors import UsageError
from ...figures import Figure, Note, Source, assumed, derive, given, measured
from ...formulas import chat
from ...messages import joined, say
from ...probes.online.count_at_provider import ask_tokens, endpoint_for
from ...probes.prompts.chat import Message, Prompt
from ...probes.prompts.parts import Rewritten, Thinking
from ...probes.prompts.text import replace_lone_surrogates
from ..hosted_model import HostedModel
from ..tokens.one_text import TextCount, count_texts, surrogate_notes
from .attachments import attachment_figures, uncounted_figure
from .tool_tokens import rewritten_figure, tool_figure

_READ_HERE = say("read off the prompt")
# GPT-3.5's functions were billed two tokens less (github.com/hmarr/openai-chat-tokens, tests); other prints
# there are none, and a result may carry the id of its call.
_RESULT_FRAME = assumed(
    "result_tokens", 0, "tokens", say("how a tool's result is framed is not published"), low=-2, high=8
)


@dataclass(frozen=True, slots=True)
class PromptCount:
    """`input_tokens` and its parts; `per_call` are the calls' own tokens, in order.

    `text_rate_tokens` are those that are billed at the rate of text: all but sound.
    """

    input_tokens: Figure
    text_rate_tokens: Figure
    parts: tuple[Figure, ...]
    per_call: tuple[int, ...]
    text: TextCount
    notes: tuple[Note, ...]
    last_text: str = ""


def count_prompts(
    prompts: Sequence[Prompt], model: HostedModel, *, asks_provider: bool = False
) -> PromptCount:
    """Count what `prompts` send to `model`, one call each; by its provider only where that is asked for."""
    if asks_provider:
        return _asked(prompts, model)
    texts_by_call, n_surrogates = _texts(prompts)
    is_chat = any(prompt.is_chat for prompt in prompts)
    name = "text_tokens" if is_chat else "input_tokens"
    text = count_texts(name, [each for texts in texts_by_call for each in texts], model.tokenizer)
    notes = tuple(surrogate_notes(n_surrogates))
    per_call = _sums(text.counts, [len(texts) for texts in texts_by_call])
    plain = model.frame.plain_tokens
    if not is_chat and plain is not None:
        text = replace(text, figure=_with_plain_frame(text.figure, plain, len(prompts)))
    if not is_chat:
        return PromptCount(text.figure, text.figure, (), per_call, text, notes, _last_text(prompts))
    attached, uncounted = attachment_figures(prompts, model)
    parts = [text.figure, _frames(prompts, model), *_beside(prompts, model), *attached]
    if uncounted:
        parts.append(uncounted_figure(uncounted))
        told = say("not counted: {parts}; the total is at least what is shown", parts=parts[-1].note)
        notes = (*notes, Note(joined(": ", str(model), told), "warning"))
    by_name = {part.name: part for part in parts}
    total = derive("input_tokens", "tokens", chat.input_tokens, note="", **by_name)
    at_text_rate = total
    if by_name.pop("audio_tokens", None) is not None:
        at_text_rate = derive("text_rate_tokens", "tokens", chat.input_tokens, note="", **by_name)
    return PromptCount(total, at_text_rate, tuple(parts), per_call, text, notes, _last_text(prompts))


def _with_plain_frame(text: Figure, plain: Figure, requests: int) -> Figure:
    """`input_tokens` of texts sent without messages, where the provider puts something around each."""
    calls = given("requests", requests, "calls", _READ_HERE)
    total = derive(
        "input_tokens", "tokens", chat.plain_tokens, text_tokens=text, plain_tokens=plain, requests=calls
    )
    return replace(total, note=text.note, approximate=True)


def _texts(prompts: Sequence[Prompt]) -> tuple[list[list[str]], int]:
    """The texts of each call, free of lone surrogates, and how many of these there were."""
    n_surrogates, by_call = 0, []
    for prompt in prompts:
        texts = [each for one in prompt.messages for each in (one.text, one.name) if each]
        cleaned = [replace_lone_surrogates(each) for each in texts]
        by_call.append([text for text, _ in cleaned])
        n_surrogates += sum(n_lone for _, n_lone in cleaned)
    return by_call, n_surrogates


def _beside(prompts: Sequence[Prompt], model: HostedModel) -> Iterator[Figure]:
    """Tools, their calls and results, earlier thinking, the answer's format: each where there is any."""
    if any(prompt.tools for prompt in prompts):
        yield tool_figure(prompts, model)
    rewritten = [
        part.value for one in _messages(prompts) for part in one.parts if isinstance(part, Rewritten)
    ]
    if rewritten:
        yield rewritten_figure("call_tokens", rewritten, model)
    if any(isinstance(part, Thinking) for one in _messages(prompts) for part in one.parts):
        yield _thinking(prompts, model)
    formats = [prompt.answer_format for prompt in prompts if prompt.answer_format is not None]
    if formats:
        yield rewritten_figure("answer_format_tokens", formats, model)


def _thinking(prompts: Sequence[Prompt], model: HostedModel) -> Figure:
    """`thinking_tokens`: that of the current turn, and of earlier ones up to all of it.

    Claude's models until 4.1 drop what was thought before the user's last message, later ones keep it
    (https://platform.claude.com/docs/en/build-with-claude/extended-thinking).
    """
    current = [part for prompt in prompts for part in _thought(prompt.current_turn)]
    every = [part for prompt in prompts for part in _thought(prompt.messages)]
    least = count_texts("thinking_tokens", current, model.tokenizer).figure
    most = count_texts("thinking_tokens", every, model.tokenizer).figure
    note = say("earlier turns' thinking is dropped by some models")
    if current == every:
        return most
    return assumed(
        "thinking_tokens", least.value, "tokens", note, source=most.source, low=least.low, high=most.high
    )


def _thought(messages: Sequence[Message]) -> list[str]:
    parts = (part for one in messages for part in one.parts)
    return [replace_lone_surrogates(part.text)[0] for part in parts if isinstance(part, Thinking)]


def _messages(prompts: Sequence[Prompt]) -> list[Message]:
    return [message for prompt in prompts for message in prompt.messages]


def _asked(prompts: Sequence[Prompt], model: HostedModel) -> PromptCount:
    if len(prompts) > 1:
        raise UsageError(
            "{option:ask_provider} sends one prompt at a time, and there are {n}", n=len(prompts)
        )
    name = model.name.base
    if model.name.host:  # a prompt goes to nobody whom its user did not name
        raise UsageError(
            "{option:ask_provider}: {model} is not its maker's own name;"
            " with that, the prompt is sent to the maker",
            model=str(model),
        )
    provider = endpoint_for(name).provider
    n_tokens = ask_tokens(prompts[0], name)
    source = Source(say("{provider}'s counting endpoint", provider=provider), None, date.today())
    how = say("exact ({provider}, asked)", provider=provider)
    figure = measured("input_tokens", n_tokens, "tokens", source, note=how)
    count = TextCount(figure, "exact", say("{provider}'s own", provider=provider), (n_tokens,))
    note = Note(say("the prompt was sent to {provider} to be counted", provider=provider))
    return PromptCount(figure, figure, (), (n_tokens,), count, (note,))


def last_message_tokens(count: PromptCount, model: HostedModel) -> Figure:
    """`added_tokens`: the text of the last message, by which a conversation is taken to go on."""
    text = count.last_text
    figure = count_texts("added_tokens", [text], model.tokenizer).figure
    return replace(figure, note=say("as many as the last message has"))


def _last_text(prompts: Sequence[Prompt]) -> str:
    return replace_lone_surrogates(prompts[-1].messages[-1].text)[0]


def _sums(counts: Sequence[int], lengths: Sequence[int]) -> tuple[int, ...]:
    """The counts of each call's texts, added up."""
    iterator = iter(counts)
    return tuple(sum(next(iterator) for _ in range(length)) for length in lengths)


def _frames(prompts: Sequence[Prompt], model: HostedModel) -> Figure:
    rule = model.frame
    messages = _messages(prompts)
    n_messages, n_replies = len(messages), len(prompts)
    n_results = sum(each.hands_back or each.role in ("tool", "function") for each in messages)
    return derive(
        "frame_tokens",
        "tokens",
        chat.frame_tokens,
        reply_tokens=rule.reply_tokens,
        message_tokens=rule.message_tokens,
        name_tokens=rule.name_tokens,
        requests=given("requests", n_replies, "calls", _READ_HERE),
        messages=given("messages", n_messages, "messages", _READ_HERE),
        names=given("names", sum(bool(each.name) for each in messages), "names", _READ_HERE),
        result_tokens=_RESULT_FRAME,
        results=given("results", n_results, "messages", _READ_HERE),
        note=say("1 message, 1 reply")
        if n_messages == 1
        else say("{messages:,} messages, 1 reply", messages=n_messages)
        if n_replies == 1
        else say("{messages:,} messages, {replies:,} replies", messages=n_messages, replies=n_replies),
    )
