"""The most used open models by name, as `listed.tsv` has them: parameters, and the shape where it is proved.

`tools/open_models_extract.py` writes the table, and says what proves a shape. It is read when a name is
asked for that has no config.json of its own among the `checkpoints`. `sizes.toml` has what such a list
counts wrongly.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from ...figures import Source
from ...records import dataclass
from ..toml_tables import read_lines, read_table, source_of

_SIZES = "open_models/sizes.toml"
FIELDS = ("name", "params", "model_type", "context_tokens", "shape", "released")
_SHAPE = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim"),
    *("intermediate_size", "vocab_size", "num_experts", "num_experts_per_tok", "tie_word_embeddings"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One row. `context_tokens` is None where the list does not say; `shape` is empty where none is proved.

    `quant` is how its checkpoint stores the weights; None where the list does not say. `released` is the day,
    such as 2024-09-13; empty where it does not say.
    """

    name: str
    params: int
    model_type: str
    context_tokens: int | None
    shape: str
    source: Source
    quant: str | None = None
    released: str = ""

    @property
    def like(self) -> str:
        """The model of the `checkpoints` that has the same shape; empty where there is none."""
        return self.shape[1:] if self.shape.startswith("=") else ""

    @property
    def config(self) -> dict[str, Any] | None:
        """The fields of its config.json that its memory depends on."""
        return config_of(self.model_type, self.shape) if self.shape and not self.like else None


def config_of(model_type: str, shape: str) -> dict[str, Any]:
    """A shape of the table as the fields of a config.json.

    >>> config_of("llama", "2048 16 32 8 64 8192 128256 0 0 1")["intermediate_size"]
    8192
    """
    config: dict[str, Any] = {
        name: int(word) for name, word in zip(_SHAPE, shape.split(" "), strict=True) if word != "0"
    }
    if "num_experts" in config:
        # The column is the experts' width where there are experts.
        config |= {"moe_intermediate_size": config["intermediate_size"], "decoder_sparse_step": 1}
        config |= {"num_local_experts": config["num_experts"]} if model_type == "mixtral" else {}
    return config | {"model_type": model_type, "tie_word_embeddings": "tie_word_embeddings" in config}


def listed_names() -> list[str]:
    """The models of both tables, without their owners."""
    return [*_lines()[0], *_sizes()]


def sized_names() -> list[str]:
    """The models of `sizes.toml`."""
    return list(_sizes())


def listed(name: str) -> Listed:
    """The row of that name; KeyError where there is none."""
    if name in _sizes():
        row = _sizes()[name]
        source, shape = source_of(read_table(_SIZES), row), f"={row['like']}" if "like" in row else ""
        context, quant = row["context_tokens"], row["quant"]
        return Listed(name, row["params"], row["model_type"], context, shape, source, quant=quant)
    lines, source = _lines()
    full_name, params, model_type, context, shape, released = lines[name]
    where = Source(f"{full_name}: {source.name}", source.url, source.checked)
    longest = int(context) if context else None
    return Listed(name, int(params), model_type, longest, shape, where, released=released)


def _sizes() -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in read_table(_SIZES)["models"]}


@cache
def _lines() -> tuple[dict[str, tuple[str, ...]], Source]:
    """The rows of the list by the model's name, and where they are from."""
    head, _, _, *lines = read_lines("open_models/listed.tsv")
    title, url, day = head.removeprefix("# ").split("\t")
    rows = {row[0].rpartition("/")[2]: row for row in (tuple(line.split("\t")) for line in lines)}
    return rows, Source(title, url, date.fromisoformat(day))
