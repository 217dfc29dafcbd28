"""Lists of modules as checkpoints write them: names, `re:` patterns of compressed-tensors, ModelOpt's `*`.

A pattern comes out of a file of anybody's, and Python's `re` may try one for ever. So a pattern is cut at
each `.*`, and what stands between must be plain: then the pieces, looked for one after the other, take a time
that grows with the name. All patterns that were found published are of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ....patterns import pattern
from ....records import dataclass

_MOST_PATTERNS, _MOST_PATTERN_CHARS = 200, 300
# Letters, escapes, classes, one level of alternatives; only digits and classes may repeat.
_PLAIN = pattern(r"(?:[\w/-]|\\[.\-]|\\[dw]\+?|\.|\[[\w-]+\]\+?|\((?:\?:)?(?:[\w|-]|\\[.d])+\))*+", re.ASCII)

Pieces = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ModuleNames:
    """Some of a model's modules; `unread` are patterns that are not plain."""

    names: frozenset[str]
    patterns: tuple[tuple[Pieces, bool], ...]
    unread: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """compressed-tensors names the class of a module where it means each of them."""
        return "Linear" in self.names

    def has(self, module: str) -> bool:
        """Whether a module or one that it is a part of is listed.

        >>> listed = read_names(["lm_head", "model.layers.0.self_attn", "re:.*gate$"])
        >>> names = ("0.self_attn.q_proj", "0.mlp.gate_proj", "9.mlp.gate")
        >>> [listed.has(f"model.layers.{name}") for name in names]
        [True, False, True]
        """
        words = module.split(".")
        parts = (
            ".".join(words[first:last])
            for first in range(len(words))
            for last in range(first + 1, len(words) + 1)
        )
        return any(part in self.names for part in parts) or any(
            _matches(pieces, to_end, module) for pieces, to_end in self.patterns
        )


def read_names(listed: Iterable[str]) -> ModuleNames:
    """The modules that such a list names; a pattern is matched from the beginning of a name."""
    names: set[str] = set()
    patterns: list[tuple[Pieces, bool]] = []
    unread: list[str] = []
    for each in listed:
        if each.startswith("re:"):
            text = each.removeprefix("re:").removeprefix("^")
        elif "*" in each:  # a glob of ModelOpt's
            text = re.escape(each).replace(r"\*", ".*") + "$"
        else:
            names.add(each)
            continue
        compiled = _compiled(text) if len(patterns) < _MOST_PATTERNS else None
        if compiled is None:
            unread.append(each)
        else:
            patterns.append(compiled)
    return ModuleNames(frozenset(names), tuple(patterns), tuple(unread))


def _compiled(text: str) -> tuple[Pieces, bool] | None:
    """The pieces between each `.*`, and whether the last ends the name; None where one is not plain."""
    to_end = text.endswith("$")
    pieces = text.removesuffix("$").split(".*")
    if len(text) > _MOST_PATTERN_CHARS or not all(map(_PLAIN.fullmatch, pieces)):
        return None
    return tuple(re.compile(piece, re.ASCII) for piece in pieces), to_end


def _matches(pieces: Pieces, to_end: bool, name: str) -> bool:
    first, *others = pieces
    if to_end and not others:
        return first.fullmatch(name) is not None
    found = first.match(name)
    for piece in others[:-1] if to_end else others:
        found = piece.search(name, found.end()) if found else None
    if found is None:
        return False
    return not to_end or any(others[-1].fullmatch(name, at) for at in range(found.end(), len(name) + 1))
