"""What must be said of a call's length: more than the model takes or writes, or too little to be cached."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.prices.price import Price
from ...figures import Note
from ...messages import say
from .input_tokens import PromptCount
from .question import Cost


def limit_notes(price: Price, request: Cost, count: PromptCount) -> Iterator[Note]:
    """The errors of calls that the provider refuses, the longest first, and what hides in an answer."""
    yield from _output(price, request)
    if count.input_tokens.value is not None:
        yield from _input(price, request, count)


def reasoning_note(*models: str) -> Note:
    """That the output of these models must include what is billed and not shown."""
    if len(models) > 1:
        text = say(
            "{models} can reason before they answer, and bill those hidden tokens as output:"
            " {option:output_tokens} must include them",
            models=", ".join(models),
        )
        return Note(text)
    text = say(
        "{model} can reason before it answers, and bills those hidden tokens as output:"
        " {option:output_tokens} must include them",
        model=models[0],
    )
    return Note(text)


def cache_note(price: Price) -> Note:
    """That what is asked to be cached is too short for it: no provider raises an error there."""
    text = say(
        "{model} caches nothing below {n:,} tokens: what is shorter is priced in full",
        model=price.model,
        n=price.cache_least_tokens,
    )
    return Note(text, "warning")


def _output(price: Price, request: Cost) -> Iterator[Note]:
    output = request.output_range[1] if request.output_range else 0
    most = price.max_output_tokens
    if most is not None and output > most:
        text = say(
            "{n:,} output tokens are more than the {most:,} that {model} writes",
            n=output,
            most=most,
            model=price.model,
        )
        yield Note(text, "error")
    if output and price.is_reasoning:
        yield reasoning_note(price.model)


def _input(price: Price, request: Cost, count: PromptCount) -> Iterator[Note]:
    """The one limit that the longest call passes first: that of the input, else of the window."""
    window, most_input = price.context_window_tokens, price.max_input_tokens
    output = request.output_range[1] if request.output_range else 0
    longest = max(call.tokens for call in count.calls)
    which = say("this prompt") if len(count.calls) == 1 else say("the longest prompt")
    said = {"prompt": which, "n": longest, "window": window, "most": most_input, "model": price.model}
    if most_input is not None and longest > most_input:
        text = say(
            "{prompt} has {n:,} tokens, more than the {most:,} of input that {model} takes:"
            " its window of {window:,} holds the answer too",
            **said,
        )
        if price.max_output_tokens is None:  # an embedding
            text = say("{prompt} has {n:,} tokens, more than the {most:,} that {model} takes", **said)
        yield Note(text, "error")
    elif window is not None and longest > window:
        text = say(
            "{prompt} has {n:,} tokens, more than the {window:,} of {model}'s context window",
            **said,
        )
        yield Note(text, "error")
    elif window is not None and longest + output > window:
        text = say(
            "{prompt} and its answer need {n:,} tokens; the window of {model} has {window:,}",
            **{**said, "n": longest + output},
        )
        yield Note(text, "error")
