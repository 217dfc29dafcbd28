"""Fill `{name}` in a prompt from variables. A name is looked up, never evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from ...errors import LaterError, UsageError, nearest
from ...messages import say, shorten
from ...records import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt in pieces: `(text, name)` pairs, where the last name may be empty."""

    pieces: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names to fill, each once, in order."""
        return tuple(dict.fromkeys(name for _, name in self.pieces if name))

    def fill(self, variables: Mapping[str, Any]) -> str:
        """The prompt with each name's value in its place.

        Raises:
            UsageError: a name that no variable has.

        >>> read_template("Translate {word}. {{kept}}").fill({"word": "Brot"})
        'Translate Brot. {kept}'
        """
        return "".join(text + (self._value(name, variables) if name else "") for text, name in self.pieces)

    def _value(self, name: str, variables: Mapping[str, Any]) -> str:
        if name not in variables:
            near = nearest(name, [each for each in variables if not each.startswith("_")])
            braces = "{{" + name + "}}"
            raise UsageError(
                "{option:template}: no variable {name} to fill in; {hint}",
                name=shorten(name),
                hint=say("nearest: {names}", names=", ".join(near))
                if near
                else say("write {word} for braces as text", word=braces),
            )
        try:
            return str(variables[name])
        except LaterError:
            raise
        except Exception:  # the object's own text fails, or an int has thousands of digits
            raise UsageError("{option:template}: {name} cannot be written as text", name=name) from None


def read_template(text: str) -> Template:
    """Take a prompt with `{name}` apart; `{{` and `}}` are braces.

    Raises:
        UsageError: a brace that stands alone, or more than a name between braces.
    """
    pieces = []
    try:
        for literal, name, spec, conversion in Formatter().parse(text):
            if name is None:
                pieces.append((literal, ""))
            elif name.isidentifier() and not spec and not conversion:
                pieces.append((literal, name))
            else:
                field = shorten("{" + name + "}")
                raise UsageError(
                    "{option:template}: {field} is not a name; write {{name}}, or {{{{ for a brace",
                    field=field,
                )
    except ValueError as error:
        raise UsageError(
            "{option:template}: {problem}; write {{{{ or }}}} for a brace as text", problem=str(error).lower()
        ) from None
    return Template(tuple(pieces))
