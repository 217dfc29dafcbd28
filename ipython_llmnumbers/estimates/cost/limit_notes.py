"""What must be said of a call's length: more than the model takes or writes, or too little to be cached."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.prices.price import Price
from ...figures import UNBOUNDED, Note
from ...messages import say
from ..answer_lengths import AnswerLengths
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
    # What was recorded holds the thinking.
    if output and price.is_reasoning and not isinstance(request.output_tokens, AnswerLengths):
        yield reasoning_note(price.model)


def _input(price: Price, request: Cost, count: PromptCount) -> Iterator[Note]:
    """That the longest call is longer than the model takes, or may be by the end of its range."""
    call = max(count.calls, key=lambda each: each.tokens)
    prompt = say("this prompt") if len(count.calls) == 1 else say("the longest prompt")
    least_output, most_output = request.output_range or (0, 0)
    if _is_past(price, call.low, least_output):
        yield Note(_too_long(price, prompt, call.tokens, least_output), "error")
    else:
        # Where a part is not counted, no more is known than what is.
        most = call.tokens if call.high == UNBOUNDED else int(call.high)
        if _is_past(price, most, most_output):
            text = say(
                "{prompt} may be longer than {model} takes: up to {n:,} tokens, and {output:,} of the answer",
                prompt=prompt,
                model=price.model,
                n=most,
                output=most_output,
            )
            yield Note(text, "warning")


def _is_past(price: Price, tokens: float, output_tokens: int) -> bool:
    window, most_input = price.context_window_tokens, price.max_input_tokens
    return tokens > (most_input or UNBOUNDED) or tokens + output_tokens > (window or UNBOUNDED)


def _too_long(price: Price, prompt: str, tokens: int, output_tokens: int) -> str:
    """The one limit that is passed first: that of the input, else of the window."""
    window, most_input = price.context_window_tokens, price.max_input_tokens
    said = {"prompt": prompt, "n": tokens, "window": window, "most": most_input, "model": price.model}
    if most_input is not None and tokens > most_input:
        if price.max_output_tokens is None:  # an embedding
            return say("{prompt} has {n:,} tokens, more than the {most:,} that {model} takes", **said)
        return say(
            "{prompt} has {n:,} tokens, more than the {most:,} of input that {model} takes:"
            " its window of {window:,} holds the answer too",
            **said,
        )
    if window is not None and tokens > window:
        return say("{prompt} has {n:,} tokens, more than the {window:,} of {model}'s context window", **said)
    return say(
        "{prompt} and its answer need {n:,} tokens; the window of {model} has {window:,}",
        **{**said, "n": tokens + output_tokens},
    )
