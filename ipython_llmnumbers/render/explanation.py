"""Each figure with its formula and inputs, down to the sources: the estimate as a lesson."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from html import escape
from typing import Any

from ..figures import Estimate, Figure
from ..messages import escaped, said, spoken, tell
from .figure_text import source_text, value_text, with_aside
from .labels import label
from .renderers.html_root import root
from .verdict_words import origin_text


class Explanation(str):
    """The explanation as text, which a notebook shows as a tree that opens."""

    html: str

    def _repr_mimebundle_(self, **_include_exclude: Any) -> dict[str, Any]:
        return {"text/plain": str(self), "text/html": self.html}

    def _mime_(self) -> tuple[str, str]:
        return "text/html", self.html


def explanation(estimate: Estimate, name: str | None) -> Explanation:
    """Explain one figure by its name, or all of them.

    Raises:
        KeyError: the estimate holds no figure or part of that name.
    """
    chosen = estimate if name is None else estimate[name]
    explained = Explanation("\n".join(_text(chosen, "", set())))
    explained.html = root("".join(_html(chosen, set())))
    return explained


def tree_text(figures: Iterable[Figure], levels: int | None = None) -> Iterator[str]:
    """Figures as indented lines: down to their sources, or so many levels of inputs."""
    seen: _Seen = set()
    for figure in figures:
        yield from _figure_text(figure, "", seen, levels)


def tree_html(figure: Figure) -> str:
    """The same as a tree that opens."""
    return "".join(_html(figure, set()))


# What was already explained: a shared input is explained once, and a source's address is given once.
_Seen = set[Hashable]


def _key(figure: Figure) -> Hashable:
    """A figure with inputs is itself; two that have none are the same if all that they say is."""
    return id(figure) if figure.inputs else figure


def _text(chosen: Estimate | Figure, indent: str, seen: _Seen) -> Iterator[str]:
    if isinstance(chosen, Estimate):
        if chosen.parts:
            yield f"{indent}{said(chosen.subject)}"
        for figure in chosen.figures:
            yield from _text(figure, indent, seen)
        for part in chosen.parts:
            yield from _text(part, indent + "  ", seen)
        return
    yield from _figure_text(chosen, indent, seen)


def _figure_text(
    figure: Figure, indent: str, seen: _Seen, levels: int | None = None, *, is_input: bool = False
) -> Iterator[str]:
    headline = _headline(figure, is_input=is_input)
    if _key(figure) in seen:
        yield escaped(indent + tell("{figure}, see above", figure=headline))
        return
    seen.add(_key(figure))
    yield escaped(indent + headline)
    indent += "    "
    for line in evidence(figure, seen):
        yield escaped(indent + line)
    if levels != 0:
        for each in figure.inputs:
            yield from _figure_text(each, indent, seen, None if levels is None else levels - 1, is_input=True)


def _html(chosen: Estimate | Figure, seen: _Seen, *, is_input: bool = False) -> Iterator[str]:
    if isinstance(chosen, Estimate):
        if chosen.parts:
            yield f"<div><b>{escape(said(chosen.subject))}</b></div>"
        for figure in chosen.figures:
            yield from _html(figure, seen)
        for part in chosen.parts:
            yield from _html(part, seen)
        return
    headline = escaped(_headline(chosen, is_input=is_input))
    if _key(chosen) in seen:
        again = escape(tell("{figure}, see above", figure=headline))
        yield f'<div style="margin-left:1em">{again}</div>'
        return
    seen.add(_key(chosen))
    inside = "".join(f"<div>{escape(escaped(line))}</div>" for line in evidence(chosen, seen))
    inside += "".join(fragment for each in chosen.inputs for fragment in _html(each, seen, is_input=True))
    yield f'<details style="margin-left:1em"><summary>{escape(headline)}</summary>{inside}</details>'


def _headline(figure: Figure, *, is_input: bool) -> str:
    """The figure's label; that of an input beside the name in the formula, where the words do not tell it."""
    name = label(figure.name)
    if is_input and spoken() != "en":
        name = with_aside(name, figure.name)
    return f"{name}: {with_aside(value_text(figure), origin_text(figure))}"


def evidence(figure: Figure, seen: _Seen) -> Iterator[str]:
    """The lines that let a reader check the figure."""
    if figure.note:
        yield said(figure.note)
    if figure.formula is not None:
        for line in f"= {figure.formula}".splitlines():
            yield line
        if figure.value is not None and figure.formula_with_values() != figure.formula:
            for line in f"= {figure.formula_with_values()}".splitlines():
                yield line
    if figure.source is not None:
        yield tell("source: {source}", source=source_text(figure))
        if figure.source.url and figure.source.url not in seen:
            seen.add(figure.source.url)
            yield figure.source.url
