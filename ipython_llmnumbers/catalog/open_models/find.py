"""Open-weight models by name, and what a bare size such as `13B` is taken for.

A named model is its config.json, read by `architectures`; its figures are published. A
bare size gives its parameters exactly and borrows the rest from the nearest Llama, as
assumed figures with a range.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, DecimalException
from functools import cache
from typing import Any

from ...errors import UnknownNameError, UsageError
from ...figures import Source
from ...messages import say, shorten
from ...patterns import pattern
from ..names import as_name
from ..toml_tables import FOLDER, read_table, source_of
from .architectures import read_config
from .listed import listed, listed_names
from .pasted import PastedName, closed_maker, gguf_default, ollama_quant, spoken, take_apart
from .quants import find_quant
from .spec import ModelSpec

_SIZE = pattern(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:e[+-]?[0-9]++)?\s*+[KMBT]", re.IGNORECASE)
# Tables of models that write no text, whatever their architecture is: Qwen3-Embedding is a Qwen3.
_OTHER_TABLES = ("embeddings", "jina")
_MONTH = pattern(r"(?P<model>.+)-(?P<year>2[0-9])(?P<month>0[1-9]|1[0-2])")
_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_LEAST_PARAMS, _MOST_PARAMS = 10**5, 10**14


def find_model(name: str) -> ModelSpec:
    """The model of that name in the tables, or what a bare size is taken for.

    Args:
        name: a repository (`meta-llama/Llama-3.1-8B-Instruct`), a short name
            (`qwen2.5-7b`), a build of either (`Qwen/Qwen3-8B-FP8`, a GGUF file's name), a
            tag of Ollama's (`qwen3:8b`), or a size (`13B`, `1.5B`, `350M`).

    Raises:
        UsageError: no name, a size outside 100K–100T parameters, or a model whose weights
            are not published.
        UnknownNameError: no such model in the tables.

    >>> find_model("meta-llama/Llama-3.1-8B-Instruct").name
    'Llama-3.1-8B'
    >>> find_model("13B").given_params
    13000000000
    >>> build = find_model("unsloth/Qwen3-8B-GGUF:Q6_K")
    >>> build.name, build.quant, *map(str, build.remarks)
    ('Qwen3-8B', 'q6_k', "'unsloth/Qwen3-8B-GGUF:Q6_K': taken as Qwen3-8B in q6_k")
    """
    wanted = as_name(say("model"), name).strip() if isinstance(name, str) else ""
    if not wanted:
        raise UsageError("no model given; name one, such as llama-3.1-8b, or a size, such as 13B")
    if _SIZE.fullmatch(wanted):
        return _bare_size(wanted)
    # What stands behind a colon decides which model it is, and in which form.
    found = (None if ":" in wanted else _named(wanted)) or _pasted(wanted)
    if found is not None:
        return found
    maker = closed_maker(wanted)
    if maker is not None:
        raise UsageError(
            "{model}: its weights are not published, {maker} keeps them; name an open model, such as"
            " llama-3.1-8b, or a size, such as 13B",
            model=shorten(wanted),
            maker=maker,
        )
    hint = say("or give a size, such as 13B, or a path to a config.json, .gguf or .safetensors file")
    raise UnknownNameError(say("model"), wanted, [*known_models(), *listed_names()], hint)


def _named(name: str) -> ModelSpec | None:
    """The model whose own name that is."""
    key, is_instruct = _key(name)
    found = _rows_by_key().get(key)
    if found is None:
        full_name = _listed_by_key().get(key)
        return None if full_name is None else _listed_spec(full_name)
    table, row = found
    spec = _spec(table, row["name"])
    other = next((each for each in row.get("same_shape", ()) if model_key(each) == key), None)
    if other is not None:
        remark = say("{name} has the shape of {model}", name=other, model=spec.name)
        spec = replace(spec, name=other, remarks=(*spec.remarks, remark))
    context = row.get("instruct_context_tokens") if is_instruct else None
    return spec if context is None else replace(spec, max_context_tokens=context)


def _pasted(name: str) -> ModelSpec | None:
    """The model of a repository, file or tag that holds it in some form; its remarks say which."""
    parts = take_apart(name)
    meant = spoken(parts.model)
    spec = _named(meant if meant and (parts.is_tag or _named(parts.model) is None) else parts.model)
    spec = spec or _of_its_month(parts.model)
    if spec is None:
        return None
    quant, remark = _form(parts, spec, shorten(name))
    kept = () if spec.knows_only_params else spec.remarks
    says_quant = parts.quant is not None or parts.is_tag or parts.is_gguf
    return replace(spec, quant=quant, remarks=(*kept, remark), says_quant=says_quant)


def _of_its_month(name: str) -> ModelSpec | None:
    """The model of the list that was released in the month that ends a name: `Pixtral-12B-2409`.

    Without that the same name of another month may be another model, as Mistral Small's are.
    """
    dated = _MONTH.fullmatch(name)
    known = dated and _listed_by_key().get(model_key(dated["model"]))
    if (
        not dated
        or not known
        or not listed(known).released.startswith(f"20{dated['year']}-{dated['month']}-")
    ):
        return None
    return _listed_spec(known)


def _form(parts: PastedName, spec: ModelSpec, name: str) -> tuple[str, str]:
    """The quantisation that a pasted name says, or that its kind of file has; and what to say of it."""
    model, quant = spec.name, gguf_default(spec.name)
    if parts.quant is not None:
        quant = find_quant(parts.quant).name
        # A GGUF file cannot hold MXFP4 alone: the rest of it is Q8_0.
        quant = "mxfp4_moe" if parts.is_gguf and quant == "mxfp4" else quant
        return quant, say("{name}: taken as {model} in {quant}", name=name, model=model, quant=quant)
    if parts.is_tag:
        quant = ollama_quant(spec.name)
        text = say(
            "{name}: taken as {model} in {quant}, which Ollama's library holds unless the tag says more",
            name=name,
            model=model,
            quant=quant,
        )
        return quant, text
    if parts.is_gguf:
        text = say(
            "{name}: taken as {model} in {quant}; the name says no type", name=name, model=model, quant=quant
        )
        return quant, text
    return spec.quant, say("{name}: taken as {model}", name=name, model=model)


def known_models() -> list[str]:
    """The names that completion offers, as their makers write them.

    >>> "Llama-3.1-8B" in known_models()
    True
    """
    return [row["name"] for _, row in _rows()]


def text_models() -> list[str]:
    """The bundled models that write text: without embeddings, rerankers and what hears.

    >>> "Qwen3-4B" in text_models(), "Qwen3-Embedding-4B" in text_models()
    (True, False)
    """
    return [row["name"] for table, row in _rows() if table not in _OTHER_TABLES]


def checkpoint_names() -> list[tuple[str, ...]]:
    """Every name of each model whose config.json is among the `checkpoints`, the one that is shown first."""
    return [_names(row) for _, row in _rows()]


def _names(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["name"], row["hf"], *row.get("aliases", ()), *row.get("same_shape", ()))


def repository_of(name: str) -> str:
    """The repository on Hugging Face of a bundled model; the name itself of others.

    >>> repository_of("Llama-3.3-70B"), repository_of("GLM-4.6")
    ('meta-llama/Llama-3.3-70B-Instruct', 'zai-org/GLM-4.6')
    """
    for _, row in _rows():
        if row["name"] == name:
            return str(row["hf"])
        if name in row.get("same_shape", ()):
            return f"{row['hf'].partition('/')[0]}/{name}"
    return name


def _bare_size(text: str) -> ModelSpec:
    try:
        params = Decimal(text[:-1].strip()) * _UNITS[text[-1].upper()]
    except DecimalException:  # an exponent past what a Decimal holds
        params = Decimal(0)
    if not _LEAST_PARAMS <= params <= _MOST_PARAMS:
        raise UsageError(
            "model size {size} is not between 100K and 100T parameters; try 13B", size=shorten(text, 30)
        )
    spec, name = _nearest_llama(int(params)), text.upper()
    return ModelSpec(name, spec.architecture, "bf16", spec.source, None, spec.name, given_params=int(params))


def _nearest_llama(params: int) -> ModelSpec:
    names = [row["name"] for table, row in _rows() if table == "llama" and row["name"].startswith("Llama-")]
    dense = [spec for spec in (_spec("llama", name) for name in names) if not spec.architecture.n_experts]
    # Sizes differ by factors, so the nearest is the nearest by ratio.
    return min(dense, key=lambda each: abs(math.log(each.architecture.params / params)))


@cache
def _spec(table: str, name: str) -> ModelSpec:
    row = next(row for each, row in _rows() if each == table and row["name"] == name)
    source = source_of(_table(table), row)
    where = Source(f"{row['hf']}: {source.name}", source.url, source.checked)
    architecture = read_config(row["config"], name)
    return ModelSpec(
        name,
        architecture,
        row.get("quant") or row.get("dtype", "bf16"),
        where,
        architecture.max_context_tokens,
        name,
        published_params=row.get("params"),
    )


@cache
def _rows() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Every row of every table, with the table's name."""
    return tuple(
        (name, row)
        for name in _tables()
        for row in read_table(f"open_models/checkpoints/{name}.toml")["models"]
    )


def _table(name: str) -> dict[str, Any]:
    return read_table(f"open_models/checkpoints/{name}.toml")


def _tables() -> Iterator[str]:
    names = sorted(path.stem for path in FOLDER.joinpath("open_models", "checkpoints").glob("*.toml"))
    # Llama first: of two rows with one short name the first is meant.
    return iter(sorted(names, key=lambda name: name != "llama"))


@cache
def _rows_by_key() -> dict[str, tuple[str, dict[str, Any]]]:
    rows: dict[str, tuple[str, dict[str, Any]]] = {}
    for table, row in _rows():
        for name in _names(row):
            rows.setdefault(model_key(name), (table, row))
    return rows


@cache
def _listed_by_key() -> dict[str, str]:
    return {model_key(name): name for name in listed_names()}


def model_key(name: str) -> str:
    """What two spellings of one model's name have in common.

    >>> model_key("unsloth/Qwen3-8B") == model_key("qwen3 8b")
    True
    """
    return _key(name)[0]


@cache
def _listed_spec(name: str) -> ModelSpec:
    """A model of the list: of a shape that is proved, or its number of parameters alone."""
    row = listed(name)
    if row.like:
        like = _named(row.like)
        assert like is not None
        remark = say("{name} has the shape of {model}", name=name, model=like.name)
        architecture, quant = like.architecture, like.quant
        return ModelSpec(
            name, architecture, quant, row.source, row.context_tokens, like.name, remarks=(remark,)
        )
    if row.config is not None:
        architecture = read_config(row.config, name)
        return ModelSpec(name, architecture, "bf16", row.source, row.context_tokens, name)
    like = _nearest_llama(row.params)
    # Quantisers leave as large a part of it in 16 bits as of its like; how it attends is not known.
    remark = say("its bits are taken to be 16 where none are given; {option:hub} reads its config.json")
    unknown = replace(like.architecture, caches=(), n_layers=0, knows_cache=False, model_type=row.model_type)
    return ModelSpec(
        name,
        unknown,
        row.quant or "bf16",
        row.source,
        row.context_tokens,
        like.name,
        given_params=row.params,
        published_params=row.params,
        remarks=() if row.quant else (remark,),
        says_quant=bool(row.quant),
    )


def _key(name: str) -> tuple[str, bool]:
    """A name without its owner, tuning and punctuation, and whether it was a tuned one.

    >>> _key("meta-llama/Meta-Llama-3.1-8B-Instruct")
    ('llama3.18b', True)
    """
    words = [word for word in re.split(r"[-_:\s]+", name.casefold().rpartition("/")[2]) if word]
    tuned = {"instruct", "chat", "it"} & set(words)
    dropped = {"meta", "nvidia", "hf", "bf16", "instruct", "chat", "it"}
    return "".join(word for word in words if word not in dropped), bool(tuned)
