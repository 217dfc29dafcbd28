"""An estimate as a plot, by matplotlib or altair where one of them is installed; neither is ever required."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from ...errors import UsageError, one_of
from ..layout import Bar, Layout, Meters, joined_facts

LIBRARIES = ("matplotlib", "altair")


def plot(layout: Layout, library: str | None = None) -> Any:
    """The layout's first bar or bars, drawn by that library, else by the first that is installed.

    Returns:
        matplotlib's `Axes`, or altair's `Chart`.

    Raises:
        UsageError: nothing to draw, an unknown library, or none that is installed.
    """
    library = _installed(library)
    draw_bar, draw_rows = (
        (_matplotlib_bar, _matplotlib_rows) if library == "matplotlib" else (_altair_bar, _altair_rows)
    )
    if layout.bars:
        bar = layout.bars[0]
        return draw_bar(bar, joined_facts(layout.first_line, bar.title))
    for table in layout.tables:
        if table.meters:
            names = [row[0] for row in table.rows]
            return draw_rows(names, table.meters, layout.first_line)
    raise UsageError("nothing to plot: a plot shows several models, a model's memory, or batches")


def _installed(library: str | None) -> str:
    wanted = LIBRARIES if library is None else (one_of(LIBRARIES, "library", library),)
    found = next((name for name in wanted if find_spec(name)), None)
    if found is None:
        raise UsageError(
            "a plot needs {library}: pip install {first}", library=", ".join(wanted), first=wanted[0]
        )
    return found


def _matplotlib_rows(names: list[str], meters: Meters, title: str) -> Any:
    from matplotlib import pyplot

    _, axes = pyplot.subplots(figsize=(6.4, 1.2 + 0.4 * len(names)), layout="constrained")
    places = range(len(names))
    reach = [
        [amount - low for amount, (low, _) in zip(meters.amounts, meters.ends, strict=True)],
        [high - amount for amount, (_, high) in zip(meters.amounts, meters.ends, strict=True)],
    ]
    axes.barh(places, meters.amounts, xerr=reach if any(map(any, reach)) else None, capsize=3)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlabel(meters.title)
    axes.set_title(title, wrap=True, fontsize="medium")
    return axes


def _matplotlib_bar(bar: Bar, title: str) -> Any:
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 2), layout="constrained")
    reached = 0.0
    for part in bar.parts:
        axes.barh([0], [part.size], left=[reached], label=f"{part.name} {part.text}")
        reached += part.size
    if bar.limit:
        axes.axvline(bar.limit, color="gray", linestyle="--", label=bar.free())
    axes.set_yticks([])
    axes.set_xlabel("GiB")
    figure.legend(loc="outside lower center", ncols=2, fontsize="small")
    axes.set_title(title, wrap=True, fontsize="medium")
    return axes


def _altair_rows(names: list[str], meters: Meters, title: str) -> Any:
    import altair

    rows = [
        {"name": name, "amount": amount, "low": low, "high": high}
        for name, amount, (low, high) in zip(names, meters.amounts, meters.ends, strict=True)
    ]
    chart = altair.Chart(altair.Data(values=rows), title=title)
    name = altair.Y("name:N", sort=names, title=None)
    bars = chart.mark_bar().encode(x=altair.X("amount:Q", title=meters.title), y=name)
    return bars + chart.mark_rule().encode(x="low:Q", x2="high:Q", y=name)


def _altair_bar(bar: Bar, title: str) -> Any:
    import altair

    rows = [
        {"part": f"{part.name} {part.text}", "size": part.size, "order": index}
        for index, part in enumerate(bar.parts)
    ]
    chart = altair.Chart(altair.Data(values=rows), title=title).mark_bar()
    names = [row["part"] for row in rows]
    bars = chart.encode(
        x=altair.X("size:Q", title="GiB"),
        color=altair.Color("part:N", sort=names, title=None),
        order="order:O",
    )
    if not bar.limit:
        return bars
    limit = altair.Chart(altair.Data(values=[{"limit": bar.limit, "free": bar.free()}]))
    return bars + limit.mark_rule(strokeDash=[4, 4]).encode(x="limit:Q", tooltip="free:N")
