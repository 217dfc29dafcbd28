"""How many tokens a call sends: the text, the frames of its messages, its tools and what is attached.

Several prompts, one call each, are counted together: every figure is then their sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from ...errors import UsageError
from ...figures import UNBOUNDED, Figure, Note, Source, assumed, derive, given, measured
from ...formulas import chat
from ...messages import joined, say
from ...probes.prompts.chat import Message, Prompt
from ...probes.prompts.parts import Rewritten, Thinking
from ...probes.prompts.text import replace_lone_surrogates
from ...records import dataclass
from ..hosted_model import HostedModel
from ..tokens.frames import frame_figure
from ..tokens.one_text import TextCount, count_texts, surrogate_notes
from ..tokens.prompt_texts import PromptTexts
from ..tokens.texts import Texts
from .calls import NO_SOUND, Call, Ends

_READ_HERE = say("read off the prompt")


@dataclass(frozen=True, slots=True)
class PromptCount:
    """`input_tokens` and its parts; `calls` in the order of the prompts.

    `text_rate_tokens` are those that are billed at the rate of text: all but sound, where that has its own;
    `sound_tokens` are the rest, None where there are none. `last_message` is what
    the last message of the last prompt brings: its text, and what is attached to it.
    """

    input_tokens: Figure
    text_rate_tokens: Figure
    calls: tuple[Call, ...]
    text: TextCount
    last_message: Message
    sound_tokens: Figure | None = None
    parts: tuple[Figure, ...] = ()
    notes: tuple[Note, ...] = ()


def count_prompts(sent: PromptTexts, model: HostedModel, *, asks_provider: bool = False) -> PromptCount:
    """Count what prompts send to `model`, one call each; by its provider only where that is asked for."""
    prompts = sent.prompts
    if asks_provider:
        return _asked(prompts, model)
    texts = sent.as_sent(names_count=bool(model.frame.name_tokens.high))
    is_chat = any(prompt.is_chat for prompt in prompts)
    name = "text_tokens" if is_chat else "input_tokens"
    text = count_texts(name, texts.all, model.tokenizer)
    count = _chats if is_chat else _plain_texts
    counted = count(prompts, text, texts.sums(text.counts), model)
    return replace(counted, notes=(*surrogate_notes(texts.n_surrogates), *counted.notes))


def _plain_texts(
    prompts: Sequence[Prompt], text: TextCount, own_texts: Sequence[int], model: HostedModel
) -> PromptCount:
    """Texts that are sent without messages."""
    plain, total = model.frame.plain_tokens, text.figure
    if plain is not None:
        total = _with_plain_frame(text.figure, plain, len(prompts))
    around = [] if plain is None else [plain]
    return PromptCount(
        input_tokens=total,
        text_rate_tokens=total,
        calls=_calls(text.figure, own_texts, [around] * len(prompts), total),
        text=replace(text, figure=total),
        last_message=prompts[-1].messages[-1],
    )


def _chats(
    prompts: Sequence[Prompt], text: TextCount, own_texts: Sequence[int], model: HostedModel
) -> PromptCount:
    """Messages, with what is beside their text."""
    beside, uncounted = _beside(prompts, model)
    notes = []
    if uncounted:
        told = say("not counted: {parts}; the total is at least what is shown", parts=beside[-1].note)
        notes.append(Note(joined(": ", str(model), told), "warning"))
    parts = {part.name: part for part in (text.figure, *beside)}
    total = derive("input_tokens", "tokens", chat.input_tokens, note="", **parts)
    sound = parts.get("audio_tokens") if _bills_sound_apart(model) else None
    at_text_rate = total
    if sound is not None:
        others = {name: part for name, part in parts.items() if part is not sound}
        at_text_rate = derive("text_rate_tokens", "tokens", chat.input_tokens, note="", **others)
    one_by_one = [beside] if len(prompts) == 1 else _beside_each(prompts, model)
    calls = _calls(text.figure, own_texts, one_by_one, total)
    return PromptCount(
        input_tokens=total,
        text_rate_tokens=at_text_rate,
        calls=calls if sound is not None else tuple(replace(call, sound=NO_SOUND) for call in calls),
        text=text,
        last_message=prompts[-1].messages[-1],
        sound_tokens=sound,
        parts=tuple(parts.values()),
        notes=tuple(notes),
    )


def _calls(
    text: Figure, own_texts: Sequence[int], beside: Iterable[Sequence[Figure]], total: Figure
) -> tuple[Call, ...]:
    """The calls: each its own text, with its part of the doubt of all text, and what is beside it."""
    if len(own_texts) == 1:
        return tuple(Call(*_ends(total), _sound(around)) for around in beside)
    low: float = 1
    high: float = 1
    if text.has_range:
        low, high = (float(end or 0) / float(text.value or 1) for end in (text.low, text.high))
    calls = []
    for tokens, around in zip(own_texts, beside, strict=True):
        ends = [(round(tokens * low), tokens, round(tokens * high)), *map(_ends, around)]
        lows, likely, highs = zip(*ends, strict=True)
        calls.append(Call(sum(lows), sum(likely), sum(highs), _sound(around)))
    return tuple(calls)


def _ends(figure: Figure) -> Ends:
    high = figure.high or 0
    return int(figure.low or 0), int(figure.value or 0), UNBOUNDED if high == UNBOUNDED else int(high)


def _sound(beside: Sequence[Figure]) -> Ends:
    return next((_ends(figure) for figure in beside if figure.name == "audio_tokens"), NO_SOUND)


def _with_plain_frame(text: Figure, plain: Figure, requests: int) -> Figure:
    """`input_tokens` of texts sent without messages, where the provider puts something around each."""
    calls = given("requests", requests, "calls", _READ_HERE)
    total = derive(
        "input_tokens", "tokens", chat.plain_tokens, text_tokens=text, plain_tokens=plain, requests=calls
    )
    return replace(total, note=text.note, approximate=True)


def _beside(prompts: Sequence[Prompt], model: HostedModel) -> tuple[list[Figure], list[str]]:
    """What is beside the text: frames, tools, attachments; and by name what of it is not counted."""
    from .attachments import attachment_figures, uncounted_figure

    attached, uncounted = attachment_figures(prompts, model)
    beside = [_frames(prompts, model), *_rewritten(prompts, model), *attached]
    if uncounted:
        beside.append(uncounted_figure(uncounted))
    return beside, uncounted


def _beside_each(prompts: Sequence[Prompt], model: HostedModel) -> Iterator[list[Figure]]:
    """What is beside the text of each prompt; once for all prompts that have the same beside it."""
    found: dict[str, list[Figure]] = {}
    for prompt in prompts:
        key = repr(_without_text(prompt))
        if key not in found:
            found[key] = _beside([prompt], model)[0]
        yield found[key]


def _without_text(prompt: Prompt) -> Prompt:
    """A prompt without what is counted as text; that of its system message joins the tools behind it."""
    messages = (
        replace(each, text=each.text if each.is_system else "", name=each.name and "name")
        for each in prompt.messages
    )
    return replace(prompt, messages=tuple(messages))


def _rewritten(prompts: Sequence[Prompt], model: HostedModel) -> Iterator[Figure]:
    """Tools, their calls and results, earlier thinking, the answer's format: each where there is any."""
    from .tool_tokens import rewritten_figure, tool_figure

    tools = tool_figure(prompts, model)
    if tools is not None:
        yield tools
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
    least = count_texts("thinking_tokens", Texts(current), model.tokenizer).figure
    most = count_texts("thinking_tokens", Texts(every), model.tokenizer).figure
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
    from ...probes.online.count_at_provider import ask_tokens, endpoint_for

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
    calls = (Call(n_tokens, n_tokens, n_tokens),)
    return PromptCount(figure, figure, calls, count, prompts[0].messages[-1], notes=(note,))


def last_message_tokens(count: PromptCount, model: HostedModel) -> tuple[Figure, Figure | None]:
    """What the last message brings, by which a conversation is taken to go on: `added_tokens` at the rate of
    text, and `audio_tokens` where sound has a rate of its own and there is some."""
    last = Prompt((count.last_message,), is_chat=True)
    text = count_texts("text_tokens", Texts([replace_lone_surrogates(last.text)[0]]), model.tokenizer).figure
    beside = {each.name: each for each in _beside([last], model)[0] if each.name != "frame_tokens"}
    sound = beside.pop("audio_tokens", None) if _bills_sound_apart(model) else None
    note = say("as many as the last message has")
    if not beside:
        return replace(text, name="added_tokens", note=note), sound
    return derive("added_tokens", "tokens", chat.input_tokens, note=note, text_tokens=text, **beside), sound


def _bills_sound_apart(model: HostedModel) -> bool:
    """Whether sound has a rate of its own, or would have one that no table knows.

    Google names one only where it is another than that of text (https://ai.google.dev/gemini-api/docs/pricing).
    """
    price = model.price
    return price is None or price.provider != "Google" or "input_audio_mtok" in (price.other_rates or {})


def _frames(prompts: Sequence[Prompt], model: HostedModel) -> Figure:
    rule = model.frame
    if rule.responses_most_tokens and any(prompt.is_responses for prompt in prompts):
        note = say("the Responses API was billed more than chat completions, and then less")
        most = (rule.reply_tokens.high or 0) + rule.responses_most_tokens
        reply = replace(rule.reply_tokens, high=most, approximate=True, note=note)
        rule = replace(rule, reply_tokens=reply)
    messages = _messages(prompts)
    n_messages, n_replies = len(messages), len(prompts)
    n_systems = sum(each.is_system for each in messages)
    n_without = sum(not prompt.has_system for prompt in prompts)
    return frame_figure(
        rule,
        requests=given("requests", n_replies, "calls", _READ_HERE),
        messages=given("messages", n_messages - n_systems, "messages", _READ_HERE),
        systems=given("systems", n_systems, "messages", _READ_HERE),
        requests_without_system=given("requests_without_system", n_without, "calls", _READ_HERE),
        names=given("names", sum(bool(each.name) for each in messages), "names", _READ_HERE),
        results=given("results", sum(each.is_result for each in messages), "messages", _READ_HERE),
        note=say("1 message, 1 reply")
        if n_messages == 1
        else say("{messages:,} messages, 1 reply", messages=n_messages)
        if n_replies == 1
        else say("{messages:,} messages, {replies:,} replies", messages=n_messages, replies=n_replies),
    )
