"""How a magic spells a parameter: `context_tokens=8192` is `--context 8192`."""

from __future__ import annotations

from ..messages import shorten, written

# The word of a flag, where it is not the parameter's own name.
_WORDS = {
    "as_text": "text",
    "batch_size": "batch",
    "budget_usd": "budget",
    "compiled": "compile",
    "context_tokens": "context",
    "inputs": "set",
    "lora_rank": "rank",
    "method": "train",
    "n_gpus": "gpus",
    "output_tokens": "out",
    "seq_tokens": "seq",
    "train_tokens": "tokens",
    "usd_per_gpu_hour": "usd-per-hour",
    "versus": "vs",
    "zero_stage": "zero",
}
# What a magic does beside answering its question.
_COMMANDS = {"update_prices": "%llmcost --update-prices", "to": "-o"}


def flag_of(name: str) -> str:
    """The flag of a parameter.

    >>> flag_of("context_tokens"), flag_of("cache_write")
    ('--context', '--cache-write')
    """
    return _COMMANDS.get(name) or f"--{_WORDS.get(name, name).replace('_', '-')}"


def as_flag(name: str, *given: object) -> str:
    """A parameter as the line of a magic writes it.

    >>> as_flag("kv", "fp8"), as_flag("chunked_loss", True), as_flag("file", "my notes.txt")
    ('--kv fp8', '--chunked-loss', "--file 'my notes.txt'")
    """
    if not given or given[0] is True or given[0] == "True":
        return flag_of(name)
    text = written(given[0])
    plain = text.isprintable() and text and not (isinstance(given[0], str) and " " in text)
    return f"{flag_of(name)} {text if plain else shorten(text)}"
