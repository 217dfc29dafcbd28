"""A config.json under its own words: the value of a field, or one line that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....errors import CatalogError, UnsupportedArchitectureError
from ....messages import say, shorten

# No model has a field past this; what is larger is a broken or hostile file.
_MOST = 10**9
_MOST_LAYERS = 2_000
# Of a pattern of layers, as the tables write it.
_MOST_PATTERN_CHARS, _MOST_BRACKETS = 10_000, 50


class Config:
    """The fields of a config.json; `where` names the file or model in errors."""

    def __init__(self, fields: Mapping[str, Any], where: str) -> None:
        self.fields = fields
        self.where = where

    def whole(self, *names: str, default: int | None = None) -> int:
        """The first of the named fields that is set, as a whole number.

        Raises:
            CatalogError: none is set and there is no default, or it is not a whole number
                from 0 to 1e9.
        """
        for name in names:
            value = self.fields.get(name)
            if value is None:
                continue
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
                raise CatalogError(
                    "{where}: {name} is {value}, not a size",
                    where=self.where,
                    name=name,
                    value=shorten(str(value), 40),
                )
            return value
        if default is None:
            raise CatalogError("{where}: the config has no {name}", where=self.where, name=names[0])
        return default

    def number(self, name: str, default: float) -> float:
        value = self.fields.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST:
            raise CatalogError(
                "{where}: {name} is {value}, not a factor",
                where=self.where,
                name=name,
                value=shorten(str(value), 40),
            )
        return float(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.fields.get(name)
        return default if value is None else bool(value)

    def text(self, name: str, default: str = "") -> str:
        value = self.fields.get(name)
        return value if isinstance(value, str) else default

    def words(self, name: str) -> list[str] | None:
        """A list of words such as `layer_types`; a table's `3*linear + 1*full` is written out."""
        value = self.fields.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            return self._pattern(name, value)
        if not isinstance(value, list) or len(value) > _MOST_LAYERS:
            raise CatalogError("{where}: {name} is not a list of layers", where=self.where, name=name)
        return [str(each) for each in value]

    def _pattern(self, name: str, value: str) -> list[str]:
        is_short = len(value) <= _MOST_PATTERN_CHARS and value.count("(") <= _MOST_BRACKETS
        words = _written_out(value) if is_short else []
        if not 0 < len(words) <= _MOST_LAYERS:
            raise CatalogError("{where}: {name} is not a list of layers", where=self.where, name=name)
        return words

    def wholes(self, name: str) -> list[int] | None:
        """A list with one whole number for each layer, such as `moe_layer_freq`."""
        words = self.words(name) if isinstance(self.fields.get(name), list | str) else None
        if words is None:
            return None
        try:
            return [int(word) for word in words]
        except ValueError:
            raise CatalogError(
                "{where}: {name} is not a list of whole numbers", where=self.where, name=name
            ) from None

    def inner(self, *names: str) -> Config | None:
        """The first named field that is a config of its own, such as `text_config`."""
        for name in names:
            value = self.fields.get(name)
            if isinstance(value, Mapping):
                return Config(value, self.where)
        return None

    def layers(self, *names: str, default: int | None = None) -> int:
        """A number of layers; none of them is a number only where that is the default.

        Raises:
            CatalogError: none is given, or more than any model has.
        """
        count = self.whole(*names, default=default)
        if count == default:
            return count
        if not 0 < count <= _MOST_LAYERS:
            raise CatalogError(
                "{where}: {name} is {n:,}, which no model has", where=self.where, name=names[0], n=count
            )
        return count

    def unknown_layer(self, kind: str) -> UnsupportedArchitectureError:
        """The error that refuses a kind of layer that is not known."""
        return UnsupportedArchitectureError(self.where, say("layer type {kind}", kind=shorten(kind)))


def _written_out(pattern: str) -> list[str]:
    """Layers from the notation of the tables; none where there are more than any model has.

    >>> _written_out("2*(2*sliding + full)")
    ['sliding', 'sliding', 'full', 'sliding', 'sliding', 'full']
    """
    words: list[str] = []
    depth, start = 0, 0
    for end, character in enumerate(f"{pattern}+"):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "+" and depth == 0:
            words += _term(pattern[start:end].strip())
            start = end + 1
    return words


def _term(term: str) -> list[str]:
    times, star, rest = term.partition("*")
    if not star or not times.strip().isdecimal():
        return [term]
    rest = rest.strip()
    inside = _written_out(rest[1:-1]) if rest.startswith("(") else [rest]
    return int(times) * inside if int(times) * len(inside) <= _MOST_LAYERS else []
