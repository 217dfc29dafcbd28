"""What the API itself counted, as far as a cell's saved outputs show it.

Anthropic's `Usage(input_tokens=…, output_tokens=…)`, OpenAI's `CompletionUsage(completion_tokens=…,
prompt_tokens=…)`, Google's `usage_metadata`, and all of them as JSON or as a dict of Python.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import groupby, islice
from typing import Any

from ..catalog.aliases import alias_of
from ..catalog.names import parse_name
from ..catalog.tokenization.chat_frames import frame_rule
from ..catalog.tokenization.vocabularies import find_tokenizer
from ..patterns import pattern
from ..prompts_in_code.find_prompts import CellPrompts
from ..prompts_in_code.prompt import Prompt
from ..records import dataclass
from .saved_texts import as_one

# The first group are the names of a call's whole input; Anthropic's is the part that no cache had.
_INPUT = pattern(
    r"(?<![A-Za-z_])(?P<name>prompt_tokens|input_tokens|total_input_tokens|prompt_token_count|promptTokenCount"
    r"|inputTokens)[\"']?\s*[=:]\s*(?P<n>\d{1,9})(?![\d.])"
)
_OUTPUT = pattern(
    r"(?<![A-Za-z_])(?:completion_tokens|output_tokens|total_output_tokens|candidates_token_count"
    r"|candidatesTokenCount|outputTokens)[\"']?\s*[=:]\s*(?P<n>\d{1,9})(?![\d.])"
)
_IS_USAGE = pattern(r"(?<![A-Za-z])total_?tokens|total_?token_?count", re.IGNORECASE)
_MODEL = pattern(
    r"(?<![A-Za-z_])(?:model|model_name|model_version|modelVersion)[\"']?\s*[=:]\s*[\"'](?P<model>[\w./:@-]{2,100})[\"']"
)
# When an answer was made, in seconds: "created" and "created_at" of OpenAI's protocol.
_CREATED = pattern(r"(?<![A-Za-z_])created(?:_at)?[\"']?\s*[=:]\s*(\d{10})(?!\d)")
_CACHED = pattern(r"cache_(?:creation|read)_input_tokens[\"']?\s*[=:]\s*(\d{1,9})")
# Who says no usage, so that LiteLLM counts by a vocabulary of its own (LiteLLM, token usage).
_WITHOUT_USAGE = ("replicate/",)
# A usage is no longer than this: its names stand near one another.
_NEAR_CHARS = 1_500
# A cell of more answers than this is no cell whose calls can be told apart.
_MOST_USAGES = 1_000
_OPENS, _CLOSES = "({[", ")}]"


@dataclass(frozen=True, slots=True)
class Usage:
    """What one answer says of itself: the tokens of its whole input, of its output where it says them, the
    model where all that is shown beside it names one, and the day where anything beside it says one."""

    input_tokens: int
    output_tokens: int | None
    model: str | None = None
    day: date | None = None


def saved_usage(outputs: Any) -> list[Usage]:
    """The usage of every answer that the outputs of a cell show, in order; of anything else, none.

    >>> saved_usage([{"output_type": "stream", "text": "usage=Usage(input_tokens=18, output_tokens=225)"}])
    [Usage(input_tokens=18, output_tokens=225, model=None, day=None)]
    >>> saved_usage([{"output_type": "stream", "text": "MessageTokensCount(input_tokens=14)"}])
    []
    """
    shown = outputs if isinstance(outputs, list) else []
    found = (usage for output in shown if isinstance(output, Mapping) for usage in _in_text(_text(output)))
    return list(islice(found, _MOST_USAGES))


def usage_of_prompts(
    found: Sequence[CellPrompts], usages: Mapping[int, Sequence[Usage]]
) -> dict[int, tuple[Usage, int]]:
    """The usage of each prompt by its number, with the cell that shows it.

    Args:
        found: the cells with prompts, or with answers that they show.
        usages: the usages that each cell's outputs show, by the cell's index.

    A cell's usages are of the answers that it shows; where it shows none of them by name, of its own
    prompts. Where there are more or fewer of them, nobody can tell which is whose. An answer that is longer
    than the call allows, or another model's, is of an earlier state of the cell; so is one of the model that
    a name stood for before it moved on.
    """
    prompts = {each.number: each for cell in found for each in cell.prompts}
    paired: dict[int, tuple[Usage, int]] = {}
    for cell in found:
        shown = usages.get(cell.index, ())
        answers = tuple(each for each in cell.shown if each not in prompts or not prompts[each].is_parsed)
        own = tuple(each.number for each in cell.prompts if not (each.is_within_a_run or each.is_parsed))
        written_twice = shown[::2] if shown[::2] == shown[1::2] else shown  # as LangChain's Bedrock models do
        pairs = [(numbers, each) for each in (shown, written_twice) for numbers in (answers, own)]
        # A graph shows an answer among its messages, and anew.
        pairs.append((answers, [usage for usage, _ in groupby(shown)]))
        first = answers[:1] or own
        if len(cell.prompts) == 1 and cell.prompts[0].begins_a_run and first == (cell.prompts[0].number,):
            pairs.append((first, shown[:1]))
        numbers, shown = next((pair for pair in pairs if len(pair[0]) == len(pair[1])), ((), ()))
        for number, usage in zip(numbers, shown, strict=True):
            if number not in prompts or _may_answer(prompts[number], usage):
                paired.setdefault(number, (usage, cell.index))
    return paired


def _may_answer(prompt: Prompt, usage: Usage) -> bool:
    if usage.output_tokens is not None and usage.output_tokens > (prompt.max_output_tokens or math.inf):
        return False
    if prompt.model is None:
        return True
    alias = alias_of(parse_name(prompt.model))
    if alias is not None and usage.day is not None and (alias.since or usage.day) > usage.day:
        return False
    if prompt.model.startswith(_WITHOUT_USAGE):
        return False
    if usage.model is None:
        return True
    choices = (find_tokenizer(each) for each in (prompt.model, usage.model))
    vocabularies = {choice.vocabulary for choice in choices if choice is not None and choice.vocabulary}
    return len(vocabularies) < 2 and not _is_other_version(prompt.model, usage.model)


def _is_other_version(asked: str, answered: str) -> bool:
    """Whether a version answered that frames a chat unlike what the name means now: "gpt-3.5-turbo" was
    gpt-3.5-turbo-0301 in the spring of 2023."""
    names = parse_name(asked).base, parse_name(answered).base
    return names[1].startswith(names[0]) and frame_rule(names[0]) != frame_rule(names[1])


def _text(output: Mapping[str, Any]) -> str:
    """What an output shows as text; a traceback is none."""
    if output.get("output_type") == "stream":
        return as_one(output.get("text"))
    data = output.get("data")
    return as_one(data.get("text/plain")) if isinstance(data, Mapping) else ""


def _in_text(text: str) -> Iterator[Usage]:
    models = set(_MODEL.findall(text))
    model = models.pop() if len(models) == 1 else None
    seconds = max(map(int, _CREATED.findall(text)), default=None)
    day = None if seconds is None else datetime.fromtimestamp(seconds, UTC).date()
    previous: tuple[str, Usage] | None = None
    for found in _INPUT.finditer(text):
        near = _around(text, found.start(), found.end())
        output = _OUTPUT.search(near)
        if output is None and not _IS_USAGE.search(near):
            continue
        cached = sum(map(int, _CACHED.findall(near))) if found["name"] == "input_tokens" else 0
        usage = Usage(int(found["n"]) + cached, int(output["n"]) if output else None, model, day)
        if not usage.input_tokens:
            continue  # a gateway that refused the prompt, or that has no count
        # LangChain's answers say the same twice, under two names.
        if previous is not None and previous[0] != found["name"] and previous[1] == usage:
            continue
        previous = (found["name"], usage)
        yield usage


def _around(text: str, start: int, end: int) -> str:
    """What stands in the same brackets as a part of a text, as far as that is near."""
    left = _edge(text, range(start - 1, max(-1, start - _NEAR_CHARS), -1), _OPENS, _CLOSES)
    right = _edge(text, range(end, min(len(text), end + _NEAR_CHARS)), _CLOSES, _OPENS)
    return text[left + 1 : right]


def _edge(text: str, places: range, ends: str, begins: str) -> int:
    """Where the brackets around a place end, in the direction of `places`."""
    depth = 0
    for place in places:
        if text[place] in begins:
            depth += 1
        elif text[place] in ends:
            if depth == 0:
                return place
            depth -= 1
    return places.stop
