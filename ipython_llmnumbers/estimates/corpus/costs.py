"""What a corpus costs: to embed it, to send each of its documents, to tune or train a model on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...figures import Figure, derive, given
from ...formulas import cost
from ...messages import joined, option, say
from ..cost.calls import Call
from ..cost.rates import rate_figure, usd_of
from ..hosted_model import HostedModel
from ..training.question import TrainingCost
from .question import Corpus


def embed_usd(tokens: Figure, model: HostedModel) -> Figure:
    """`embed_usd` (USD): each token once through an embedding model."""
    price = model.price
    rate = rate_figure("usd_per_mtok", price, price.input if price else None, [Call(0, 0, 0)])
    return replace(usd_of("embed_usd", tokens, rate), note=say("{model}, once", model=str(model)))


def process_figures(
    question: Corpus, tokens: Figure, documents: Figure, longest: Figure, model: HostedModel
) -> Iterator[Figure]:
    """`input_usd`, `output_usd` and `process_usd` (USD): each document is the input of one call.

    A long document may pay the rate of a long context: the range goes from the shortest to the longest.
    """
    price = model.price
    calls = [Call(0, 0, 0), *([Call(*(float(longest.value),) * 3)] if longest.value else [])]  # type: ignore[arg-type]
    rate = rate_figure("input_usd_per_mtok", price, price.input if price else None, calls)
    input_usd = usd_of("input_usd", tokens, rate)
    yield input_usd
    if question.output_tokens is None:
        note = say("input only; give {option:output_tokens}")
        yield derive("process_usd", "USD", cost.input_only_usd, input_usd=input_usd, note=note)
        return
    low, high = _ends(question.output_tokens)
    per_call = given(
        "tokens_per_call", (low + high) // 2, "tokens", option("output_tokens"), low=low, high=high
    )
    output = derive(
        "output_tokens", "tokens", cost.tokens_of_calls, tokens_per_call=per_call, requests=documents
    )
    rate = rate_figure("output_usd_per_mtok", price, price.output if price else None, calls)
    output_usd = usd_of("output_usd", output, rate)
    yield output_usd
    note = say("one call for each document")
    yield derive("process_usd", "USD", cost.total_usd, input_usd=input_usd, output_usd=output_usd, note=note)


def training_figures(tokens: Figure, model: str) -> Iterator[Figure]:
    """`tune_usd` and `train_usd` (USD): LoRA, and all weights, once over the corpus, on rented GPUs.

    Raises:
        LLMNumbersError: an unknown model.
    """
    if not tokens.value:
        return
    for name, method in (("tune_usd", "lora"), ("train_usd", "full")):
        estimate = TrainingCost.of(model=model, train_tokens=int(tokens.value), method=method).answer()
        usd, details = estimate.figure("training_usd"), estimate.details
        how = say("LoRA, one epoch") if method == "lora" else say("all weights, one epoch")
        yield replace(usd, name=name, note=joined(", ", details.model, how, details.device))


def _ends(value: int | tuple[int, int]) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)
