"""A config.json under its own words: the value of a field, or one line that says what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....errors import CatalogError, UnsupportedArchitectureError
from ....messages import say, shorten, written

# No model has a field past this; what is larger is a broken or hostile file.
_MOST = 10**9
_MOST_LAYERS = 2_000
# Of a pattern of layers, as the tables write it.
_MOST_PATTERN_CHARS, _MOST_BRACKETS = 10_000, 50


class Config:
    """The fields of a config.json; `where` names the file or model in errors.

    `prefix` is what the keys of a GGUF file have before the names, such as `llama.`.
    """

    def __init__(self, fields: Mapping[str, Any], where: str, prefix: str = "") -> None:
        self.fields = fields
        self.where = where
        self.prefix = prefix

    def whole(self, *names: str, default: int | None = None, least: int | None = None) -> int:
        """The first of the named fields that is set, as a whole number of at least 1.

        It may be 0 where that is the default, and means none of it, or where it is the `least`.

        Raises:
            CatalogError: none is set and there is no default, or it is not a whole number up to 1e9.
        """
        name, value = self._first(*names)
        if value is None:
            if default is None:
                raise CatalogError(
                    "{where}: the config has no {name}", where=self.where, name=self.prefix + names[0]
                )
            return default
        least = (0 if default == 0 else 1) if least is None else least
        if type(value) is not int or not least <= value <= _MOST:
            need = say("a whole number from {least} to {most:,}", least=least, most=_MOST)
            raise self.wrong(name, value, need)
        return value

    def number(self, name: str, default: float) -> float:
        value = self.fields.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _MOST:
            raise self.wrong(name, value, say("a number above 0"))
        return float(value)

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.fields.get(name)
        if value is None:
            return default
        if value not in (True, False):  # 1 and 0 are that, too
            raise self.wrong(name, value, say("true or false"))
        return bool(value)

    def text(self, name: str, default: str = "") -> str:
        value = self.fields.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.wrong(name, value, say("a text"))
        return value

    def words(self, name: str) -> list[str] | None:
        """A list of words such as `layer_types`; a table's `3*linear + 1*full` is written out."""
        value = self.fields.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            return self._pattern(name, value)
        if not isinstance(value, list) or len(value) > _MOST_LAYERS:
            raise CatalogError("{where}: {name} is not a list of layers", where=self.where, name=name)
        return [each if isinstance(each, str) else written(each) for each in value]

    def _pattern(self, name: str, value: str) -> list[str]:
        is_short = len(value) <= _MOST_PATTERN_CHARS and value.count("(") <= _MOST_BRACKETS
        words = _written_out(value) if is_short else []
        if not 0 < len(words) <= _MOST_LAYERS:
            raise CatalogError("{where}: {name} is not a list of layers", where=self.where, name=name)
        return words

    def wholes(self, name: str) -> list[int] | None:
        """A list with one whole number for each layer, such as `moe_layer_freq`."""
        words = self.words(name)
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
        name, value = self._first(*names)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.wrong(name, value, say("an object with fields of its own"))
        return Config(value, self.where)

    def layers(self, *names: str, default: int | None = None) -> int:
        """A number of layers; none of them is a number only where that is the default.

        Raises:
            CatalogError: none is given, or more than any model has.
        """
        count = self.whole(*names, default=default)
        if count > _MOST_LAYERS:
            raise CatalogError(
                "{where}: {name} is {n:,}, which no model has",
                where=self.where,
                name=self.prefix + self._first(*names)[0],
                n=count,
            )
        return count

    def share(self, whole: int, of: str, *names: str) -> int:
        """A width divided among heads, which must leave nothing over.

        Args:
            whole: the width.
            of: the name of its field, for the error.
            names: the fields that may state the number of heads.
        """
        count = self.whole(*names)
        if whole % count:
            raise CatalogError(
                "{where}: {of} is {whole:,}, which {name} ({n:,}) does not divide",
                where=self.where,
                of=self.prefix + of,
                whole=whole,
                name=self.prefix + self._first(*names)[0],
                n=count,
            )
        return whole // count

    def wrong(self, name: str, value: object, need: str) -> CatalogError:
        """The error of a field that has a value of another kind or size."""
        shown = shorten(value) if isinstance(value, str) else written(value)
        return CatalogError(
            "{where}: {name} is {value}, not {need}",
            where=self.where,
            name=self.prefix + name,
            value=shown,
            need=need,
        )

    def _first(self, *names: str) -> tuple[str, Any]:
        """The first of the fields that is set, and its value; the first name and None if none is."""
        return next(
            ((name, value) for name in names if (value := self.fields.get(name)) is not None),
            (names[0], None),
        )

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
