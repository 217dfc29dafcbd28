"""How many tokens a call sends: the text, the frames of its messages, its tools and its images.

Several prompts, one call each, are counted together: every figure is then their sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...catalog.tokenization.chat_frames import ImageCost
from ...errors import UsageError
from ...figures import Figure, Note, Source, assumed, derive, given, measured
from ...formulas import chat, images
from ...messages import joined, say
from ...probes.online.count_at_provider import ask_tokens, endpoint_for
from ...probes.prompts.chat import Prompt, json_of
from ...probes.prompts.images import Image
from ...probes.prompts.text import replace_lone_surrogates
from ..hosted_model import HostedModel
from ..tokens.one_text import TextCount, count_texts, surrogate_notes

_READ_HERE = say("read off the prompt")


@dataclass(frozen=True, slots=True)
class PromptCount:
    """`input_tokens` and its parts; `per_call` are the calls' own tokens, in order."""

    input_tokens: Figure
    parts: tuple[Figure, ...]
    per_call: tuple[int, ...]
    text: TextCount
    notes: tuple[Note, ...]


def count_prompts(
    prompts: Sequence[Prompt], model: HostedModel, *, asks_provider: bool = False
) -> PromptCount:
    """Count what `prompts` send to `model`, one call each; by its provider only where that is asked for."""
    if asks_provider:
        return _asked(prompts, model)
    texts_by_call, n_surrogates = [], 0
    for prompt in prompts:
        texts = []
        for message in prompt.messages:
            for each in filter(None, (message.text, message.name)):
                clean, n_lone = replace_lone_surrogates(each)
                texts.append(clean)
                n_surrogates += n_lone
        texts_by_call.append(texts)
    is_chat = any(prompt.is_chat for prompt in prompts)
    name = "text_tokens" if is_chat else "input_tokens"
    text = count_texts(name, [each for texts in texts_by_call for each in texts], model.tokenizer)
    notes = [*surrogate_notes(n_surrogates)]
    per_call = _sums(text.counts, [len(texts) for texts in texts_by_call])
    if not is_chat:
        return PromptCount(text.figure, (), per_call, text, tuple(notes))
    frames = _frames(prompts, model)
    tools = _tools(prompts, model)
    pictures = _images(prompts, model)
    total = derive(
        "input_tokens",
        "tokens",
        chat.input_tokens,
        text_tokens=text.figure,
        frame_tokens=frames,
        tool_tokens=tools,
        image_tokens=pictures,
    )
    if pictures.value is None:
        notes.append(Note(joined(": ", str(model), pictures.note), "warning"))
    return PromptCount(total, (text.figure, frames, tools, pictures), per_call, text, tuple(notes))


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
    return PromptCount(figure, (), (n_tokens,), count, (note,))


def _sums(counts: Sequence[int], lengths: Sequence[int]) -> tuple[int, ...]:
    """The counts of each call's texts, added up."""
    iterator = iter(counts)
    return tuple(sum(next(iterator) for _ in range(length)) for length in lengths)


def _frames(prompts: Sequence[Prompt], model: HostedModel) -> Figure:
    rule = model.frame
    messages = [message for prompt in prompts for message in prompt.messages]
    n_messages, n_replies = len(messages), len(prompts)
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
        note=say("{messages:,} messages, 1 reply", messages=n_messages)
        if n_replies == 1
        else say("{messages:,} messages, {replies:,} replies", messages=n_messages, replies=n_replies),
    )


def _tools(prompts: Sequence[Prompt], model: HostedModel) -> Figure:
    tools = [tool for prompt in prompts for tool in prompt.tools]
    if not tools:
        return given("tool_tokens", 0, "tokens", say("no tools in the prompt"))
    as_json = [json_of(tool) for tool in tools]
    most = count_texts("schema_tokens", as_json, model.tokenizer).figure
    least = count_texts("schema_tokens", [" ".join(_words(tool)) for tool in tools], model.tokenizer).figure
    source = most.source or Source(say("counted by ratio"), None, date.today())
    schemas = measured(
        "schema_tokens",
        most.value,
        "tokens",
        source,
        low=least.low,
        high=most.high,
        note=say("from the schemas' words alone to their whole JSON: each provider has its own notation"),
    )
    rule = model.tools
    return derive(
        "tool_tokens",
        "tokens",
        chat.tool_tokens,
        any_tokens=rule.any_tokens,
        each_tokens=rule.each_tokens,
        tools=given("tools", len(tools), "tools", _READ_HERE),
        schema_tokens=schemas,
    )


def _words(schema: Any) -> Iterator[str]:
    """The names and texts of a schema, without its punctuation."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            yield str(key)
            yield from _words(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from _words(value)
    elif schema is not None:
        yield str(schema)


def _images(prompts: Sequence[Prompt], model: HostedModel) -> Figure:
    shown = [image for prompt in prompts for message in prompt.messages for image in message.images]
    if not shown:
        return given("image_tokens", 0, "tokens", say("no images in the prompt"))
    cost = model.image
    if cost is None:
        note = say("{n} images are not counted: no rule could be sourced for this model", n=len(shown))
        return assumed("image_tokens", None, "tokens", note)
    counted = [_image(image, cost) for image in shown]
    if len(counted) == 1:
        return counted[0]
    names = {f"image_{number}": figure for number, figure in enumerate(counted, start=1)}
    note = say("{n} images", n=len(counted))
    return derive("image_tokens", "tokens", images.all_images_tokens, note=note, **names)


def _image(image: Image, cost: ImageCost) -> Figure:
    numbers = dict(cost.numbers)
    if image.is_low_detail and "base_tokens" in numbers:
        return derive("image_tokens", "tokens", images.low_detail_tokens, base_tokens=numbers["base_tokens"])
    if image.width is None or image.height is None:
        return _image_of_unknown_size(cost)
    function = getattr(images, f"{cost.rule}_tokens")
    return derive(
        "image_tokens",
        "tokens",
        function,
        note=cost.source.name,
        width=given("width", image.width, "pixels", _READ_HERE),
        height=given("height", image.height, "pixels", _READ_HERE),
        **numbers,
    )


def _image_of_unknown_size(cost: ImageCost) -> Figure:
    """An image behind a URL: the range of its rule, where the rule has a greatest size."""
    note = say("the image is behind a URL: its size is not known here")
    if cost.greatest is None:
        return assumed("image_tokens", None, "tokens", note)
    function = getattr(images, f"{cost.rule}_tokens")
    constants = {name: figure.value for name, figure in cost.numbers.items()}
    low, high = (function(*size, **constants) for size in ((1, 1), cost.greatest))
    return assumed("image_tokens", high, "tokens", note, source=cost.source, low=low, high=high)
