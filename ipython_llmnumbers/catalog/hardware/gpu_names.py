"""Read what people write for a GPU: `2x RTX 3090`, `A100-SXM4-80GB`, `rtx4060ti16gb`, `24 GiB`."""

from __future__ import annotations

import re
import unicodedata

from ...patterns import pattern
from ...records import dataclass

# Words that may stand in a GPU's name or not: makers, product lines, board partners, kinds of memory.
_NOISE = frozenset({
    "nvidia", "geforce", "rtx", "gtx", "tesla", "amd", "ati", "radeon", "instinct", "rx", "intel", "arc",
    "apple", "gpu", "gpus", "graphics", "card", "cards",
    "generation", "edition", "tensor", "core", "cores", "the", "a", "of", "with", "and", "on", "vram",
    "ram", "memory", "unified", "founders", "fe", "oem",
    "desktop", "chip", "accelerator", "hbm2", "hbm2e", "hbm3", "hbm3e", "gddr5", "gddr6", "gddr6x", "gddr7",
    "lpddr5", "lpddr5x",
    "asus", "msi", "gigabyte", "evga", "zotac", "palit", "gainward", "pny", "sapphire", "xfx", "powercolor",
    "inno3d", "galax", "dell", "hp", "lenovo",
    "colab", "kaggle", "runpod", "vast", "lambda", "aws", "gcp", "azure", "mac", "macbook", "imac",
    "studio", "mini", "air", "dgx", "hgx",
})  # fmt: skip
# What tells boards of one chip apart, and is no chip by itself.
_NO_CHIP = pattern(r"\d+|pcie|sxm|nvl|ti|super|ada|pro|max|ultra|xt|xtx|gre|maxq|laptop|server|workstation")

_TIMES = str.maketrans("×✕✖*", "xxxx")
_COUNTS = {"single": 1, "one": 1, "dual": 2, "two": 2, "twin": 2, "triple": 3, "three": 3}
_COUNTS |= {"quad": 4, "four": 4, "eight": 8}
# `2x RTX 3090`, `x2 3090`, `2 3090s`; not `24 GB`.
_COUNT_FIRST = pattern(
    r"(?:(\d{1,6})\s*x(?!tx?\b)\s*(?=\S)|x(\d{1,6})\s+|(\d{1,2})\s+(?!g\b|gi?b\b|mi?b\b|ti?b\b)(?=\w))"
)
# `RTX 3090 x2`, `H100x8`, `A100 (4x)`, and SkyPilot's and Slurm's `A100:8`.
_COUNT_LAST = pattern(r"(?: ?\(? ?(?<![a-z])x ?(\d{1,6}) ?\)?| \(?(\d{1,6}) ?x ?\)?| ?: ?(\d{1,6}))$")
# NVIDIA's machines: `DGX H100` has eight, `GB200 NVL72` what it says.
_MACHINES = (
    (pattern(r"\bdgx[ -](?=[abh][123]00\b)"), 8),
    (pattern(r"[ -]nvl ?(\d{1,3})\b"), 0),
)
_SIZE = r"(\d{1,7}(?:\.\d{1,3})?)\s*(g|gb|gib|mb|mib|tb|tib)"
_MEMORY = pattern(rf"{_SIZE}(?:\s+(?:of\s+)?(?:gpu|vram|ram|card|unified memory|gpu memory|memory))*")
# The GB of a GPU are GiB, however they are written: a card of 24 GB has 24,576 MiB (nvidia-smi).
_UNITS = {
    "g": 2**30, "gb": 2**30, "gib": 2**30, "mb": 2**20, "mib": 2**20, "tb": 2**40, "tib": 2**40,
}  # fmt: skip
_SLICE = pattern(r"\b(?:mig[\s-]*)?(\d)g\.(\d{1,3})gb\b")

_SUFFIXES = "ti|super|xtx|xt|gre|sxm|pcie|nvl|ada|laptop|maxq|max|pro|ultra"

_GB = pattern(r"(\d)\s*gi?b?\b")
# Pairs of a pattern and what stands for it, in this order.
_SPELLINGS = (
    (pattern(r"\b\d{1,3}[ -]?cores?\b"), " "),
    (pattern(r"[®™()\[\],/_–—-]+"), " "),
    (pattern(r"\bmac ?book pro\b|\bmac pro\b"), " "),
    (pattern(r"\bai max\b\+?"), "aimax "),
    (pattern(r"\bmax ?q\b"), "maxq"),
    (pattern(r"\b(?:mobile|notebook|mobility)\b"), "laptop"),
    (pattern(r"\b([2-5]0[5-9]0)(?: ?(ti))?m\b"), r"\1 \2 laptop"),  # 4090m
    (_GB, r"\1gb "),
    (pattern(r"\b(rtx|gtx|rx|tesla|quadro|arc|geforce|radeon)(?=[a-z]?\d)"), r"\1 "),
    (pattern(r"\b(mi|gh|gb)\s+(?=\d)"), r"\1"),
    (pattern(r"tisuper"), "ti super"),
    (pattern(rf"(?<=\d)({_SUFFIXES})(?![a-z]{{4}})"), r" \1 "),
    (pattern(r"\bti(?=super|\d)"), "ti "),
    (pattern(r"\bsxm(?: ?\d)?\b"), "sxm"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GpuName:
    """A name taken apart: `count` of GPUs whose `words` these are, of `size_gb` each where one is written.

    `memory_bytes` is set where nothing but a size is written, `slice_gb` where it is a MIG profile.
    """

    count: int
    words: frozenset[str]
    size_gb: int | None = None
    memory_bytes: int | None = None
    slice_gb: int | None = None

    @property
    def names_a_chip(self) -> bool:
        """Whether more is named than a size, a socket or a suffix."""
        return any(_NO_CHIP.fullmatch(word) is None or is_model_number(word) for word in self.words)


def is_model_number(word: str) -> bool:
    """Whether people call a chip by this number: `4090`, `1080`; not `80` or `24`."""
    return re.fullmatch(r"\d{3,4}", word) is not None


def plain_text(name: str) -> str:
    """A name on one line in small letters, with `x` for every sign of multiplication.

    >>> plain_text("2 × RTX 3090")
    '2 x rtx 3090'
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(text.translate(_TIMES).split())


def letters_of(name: str) -> str:
    """A name without what separates its words: each word with a digit that `read_words` finds is in it.

    >>> letters_of("NVIDIA RTX PRO 4000 (24 GB)"), letters_of("A10G")
    ('nvidiartxpro400024gb', 'a10gb')
    """
    return _GB.sub(r"\1gb ", re.sub(r"[\W_]+", " ", plain_text(name))).replace(" ", "")


def read_gpu_name(name: str) -> GpuName:
    """Take a name apart; every text has an answer.

    >>> read_gpu_name("8×H100").count, sorted(read_gpu_name("NVIDIA A100-SXM4-80GB").words)
    (8, ['a100', 'sxm'])
    >>> read_gpu_name("24 GiB").memory_bytes == 24 * 2**30
    True
    """
    count, text = split_count(plain_text(name))
    if size := _MEMORY.fullmatch(text):
        return GpuName(count, frozenset(), memory_bytes=round(float(size[1]) * _UNITS[size[2]]))
    slice_gb = None
    if profile := _SLICE.search(text):
        slice_gb, text = int(profile[2]), text.replace(profile[0], " ")
    words, size_gb = read_words(text)
    return GpuName(count, words, size_gb, slice_gb=slice_gb)


def split_count(text: str) -> tuple[int, str]:
    """How many, and of what; `text` is as `plain_text` gives it.

    >>> split_count("rtx-3090-x2"), split_count("dual 3090"), split_count("4090")
    ((2, 'rtx-3090'), (2, '3090'), (1, '4090'))
    """
    text = text.removeprefix("gpu:")
    word, *rest = re.split("[ -]", text, maxsplit=1)
    if word in _COUNTS and rest:
        return _COUNTS[word], rest[0]
    for spelling, count in _MACHINES:
        if found := spelling.search(text):
            return count or int(found[1]), f"{text[: found.start()]} {text[found.end() :]}".strip()
    first, last = _COUNT_FIRST.match(text), _COUNT_LAST.search(text)
    # `3090x2`, which begins as `2x3090` does.
    if first and not (last and is_model_number(first[1] or "")):
        return int(first[1] or first[2] or first[3]), text[first.end() :].strip(" -")
    if last:
        return int(last[1] or last[2] or last[3]), text[: last.start()].strip(" -")
    return 1, text


def read_words(text: str) -> tuple[frozenset[str], int | None]:
    """The words that tell a GPU from others, and the size in GB that stands among them.

    >>> read_words("rtx4060ti16gb") == (frozenset({"4060", "ti"}), 16)
    True
    """
    text = plain_text(text)
    for spelling, stands_for in _SPELLINGS:
        text = spelling.sub(stands_for, text)
    words = set(re.findall(r"[^\W_]+", text))
    sizes = {int(word[:-2]) for word in words if re.fullmatch(r"\d{1,4}gb", word)}
    words = {word for word in words if re.fullmatch(r"\d+gb", word) is None}
    return frozenset(words - _NOISE), max(sizes, default=None)
