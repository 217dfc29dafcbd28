"""A model's name as it is pasted, in parts: whose, which, in which quantisation.

`Qwen/Qwen3-8B-FP8`, `unsloth/Qwen3-8B-GGUF:UD-Q4_K_XL`, `Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf` and
`qwen3:8b` are repositories, files and tags that hold a model in a form; nothing is looked up here.
"""

from __future__ import annotations

import re

from ...patterns import matches, pattern
from ...records import dataclass
from ..names import folded
from ..sellers import openrouter_variants
from ..toml_tables import read_table
from .quants import quant_named

_TABLE = "open_models/names.toml"
_ADDRESS = pattern(
    r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co|ollama\.com(?:/library)?)/", re.IGNORECASE
)
_COMMAND = pattern(r"(?:ollama\s+(?:run|pull)|llama-server\s+-hf|vllm\s+serve)\s+", re.IGNORECASE)
_FILE = pattern(r"(?:-\d{5}-of-\d{5})?\.(?P<kind>gguf|safetensors)", re.IGNORECASE)
# Nothing at the end of a name that says its form has more words.
_MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class PastedName:
    """`model` is the name without its form. `quant` is None where none stands in it, or it is not known.

    `is_gguf` where the name is that of GGUF files; `is_tag` where it is a tag of Ollama's library.
    """

    owner: str
    model: str
    quant: str | None = None
    is_gguf: bool = False
    is_tag: bool = False


def take_apart(name: str) -> PastedName:
    """The parts of a name.

    >>> take_apart("RedHatAI/Llama-3.3-70B-Instruct-quantized.w4a16")
    PastedName(owner='redhatai', model='Llama-3.3-70B-Instruct', quant='w4a16', is_gguf=False, is_tag=False)
    >>> parts = take_apart("unsloth/Qwen3-8B-GGUF:UD-Q4_K_XL")
    >>> parts.model, parts.quant, parts.is_gguf
    ('Qwen3-8B', 'UD-Q4_K_XL', True)
    >>> parts = take_apart("llama3.1:70b-instruct-q8_0")
    >>> parts.model, parts.quant, parts.is_tag
    ('llama3.1-70b-instruct', 'q8_0', True)
    """
    path = _ADDRESS.sub("", _COMMAND.sub("", name.strip(), count=1), count=1).partition("@")[0].strip("/ ")
    folder, _, last = path.rpartition("/")
    owner = folder.partition("/")[0].casefold()
    last, _, tag = last.partition(":")
    without_kind = _FILE.sub("", last)
    is_gguf = "gguf" in re.split(r"[-_.]", last.casefold())
    quant, is_tag = None, False
    if tag and tag.casefold() not in openrouter_variants():
        # A tag of a repository is the type of its files; another is one of Ollama's, which holds GGUF alone.
        is_gguf, is_tag = True, quant_named(tag) is None
        quant = None if is_tag else tag
        without_kind += f"-{tag}" if is_tag and tag.casefold() != "latest" else ""
    model, found = _without_form(without_kind, owner)
    if is_gguf and quant is found is None and "qat" in re.split(r"[-_.]", without_kind.casefold()):
        found = str(read_table(_TABLE)["gguf"]["qat"])
    return PastedName(owner, model, quant or found, is_gguf, is_tag)


def _without_form(name: str, owner: str) -> tuple[str, str | None]:
    """A name without the words at its end that say a form, and the last of them that is a quantisation."""
    quant, rest = None, name
    around = set(read_table(_TABLE)["around"])
    while True:
        words = list(re.finditer(r"[^-_.\s]+", rest))
        cut = None
        for count in range(min(_MOST_WORDS + 1, len(words) - 1), 0, -1):
            start = words[-count].start()
            if found := _quant_of(rest[start:], owner):
                cut, quant = start, quant or found
                break
        if cut is None and len(words) > 1 and words[-1].group().casefold() in around:
            cut = words[-1].start()
        if cut is None:
            return rest, quant
        rest = rest[:cut].rstrip("-_. ")


def _quant_of(text: str, owner: str) -> str | None:
    """The quantisation that the words are, as that owner writes them."""
    own = read_table(_TABLE)["owners"].get(owner, {})
    text = own.get(text.casefold(), text)
    return text if quant_named(text) is not None else None


def ollama_tag(model: str, quant: str) -> str | None:
    """What Ollama's library calls a model in that quantisation; None where no row says it.

    >>> ollama_tag("Llama-3.3-70B", "q4_k_m"), ollama_tag("Llama-3.3-70B", "q8_0")
    ('llama3.3:70b', None)
    """
    tag = read_table(_TABLE)["ollama"].get(model)
    return None if tag is None or quant != ollama_quant(model) else str(tag)


def ollama_quant(model: str) -> str:
    """The type of the file that Ollama's library has of this model.

    >>> ollama_quant("Qwen3-8B"), ollama_quant("gpt-oss-20b")
    ('q4_k_m', 'mxfp4')
    """
    return str(read_table(_TABLE)["ollama_quants"].get(model, gguf_default(model)))


def gguf_default(model: str) -> str:
    """The type of a GGUF file of this model whose name says none.

    >>> gguf_default("Qwen3-8B"), gguf_default("gpt-oss-20b")
    ('q4_k_m', 'mxfp4_moe')
    """
    table = read_table(_TABLE)["gguf"]
    return str(table.get(model, table["default"]))


def spoken(name: str) -> str | None:
    """The model that is meant by a name that is no repository's: a line without a size, a tag of Ollama's.

    >>> spoken("qwen3-30b"), spoken("Mixtral"), spoken("llama")
    ('Qwen3-30B-A3B-2507', 'Mixtral-8x7B', None)
    """
    names = {folded(key): model for key, model in read_table(_TABLE)["spoken"].items()}
    return names.get(folded(name))


def closed_maker(name: str) -> str | None:
    """Who keeps the weights of this model to itself; None where nobody is known to.

    >>> closed_maker("openai/gpt-4o"), closed_maker("openai/gpt-oss-20b")
    ('OpenAI', None)
    """
    last = re.sub(r"[\s_]+", "-", name.casefold().rpartition("/")[2].strip())
    rows = read_table(_TABLE)["closed"]
    return next((row["maker"] for row in rows if matches(last, row["match"])), None)
