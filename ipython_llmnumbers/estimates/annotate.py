"""A copy of a notebook with the cost of each prompt written under the cell that holds it.

The notebook is read, never run, and the original stays as it is. What a prompt costs is
`estimates.cost`'s to say, and how it looks is the presenter's.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..errors import LLMNumbersError, UnknownNameError, UsageError, shorten
from ..figures import Estimate, Figure, Note, derive
from ..formulas.cost import sum_of_estimates, sum_tokens
from ..probes.messages import read_prompt
from ..probes.notebook import CellPrompts, find_prompts
from ..probes.prompt_calls import Prompt
from .cost import compare_costs
from .cost_request import CostRequest

_INSTALL = "--annotate needs nbformat, which comes with Jupyter: pip install 'ipython-llmnumbers[annotate]'"
# What marks a cell as written here, so that a second run does not annotate the annotations.
_MARK = "llmnumbers"
_OTHER_MODEL = "{model} is not known: counted as {default}"
_UNKNOWN_PARTS = "Where parts are filled in when the cell runs, this is the least: the fixed text alone."
_LATER = "{n} more prompts are only known when they run"
_ONCE = "Input only, each call once: loops, retries, tools and answers are not seen in the source."
_NOTHING = "no prompts were found"


def annotate_notebook(
    source: str, target: str | None, model: str, transform: Callable[[str], str]
) -> Estimate:
    """Write the copy, and return the summary that stands at its end: one part for each cell.

    Args:
        source: the notebook, of nbformat 3 or 4.
        target: the copy; never the notebook itself.
        model: for prompts beside which no model stands.
        transform: turns IPython's syntax into Python (`TransformerManager().transform_cell`).

    Raises:
        UsageError: no target, or the target is the source.
        LLMNumbersError: the notebook cannot be read, or the copy cannot be written.
    """
    if not target:
        raise UsageError(f"--annotate {source} needs -o OUT.ipynb: the original is never changed")
    if _same_file(source, target):
        raise UsageError(f"-o {target} is the notebook itself: the original is never changed; name a copy")
    nbformat = _nbformat()
    notebook = _read(nbformat, Path(source))
    cells = [cell for cell in notebook.cells if _MARK not in cell.get("metadata", {})]
    found = find_prompts([(cell.cell_type, _source(cell)) for cell in cells], transform)
    estimates = {each.index: estimate_cell(each, model) for each in found if _known(each.prompts)}
    summary = _summary(source, found, estimates, model)
    notebook.cells = list(_with_notes(nbformat, notebook, cells, estimates, summary))
    _write(nbformat, notebook, Path(target))
    return summary


def _with_notes(
    nbformat: Any, notebook: Any, cells: Sequence[Any], estimates: dict[int, Estimate], summary: Estimate
) -> Iterator[Any]:
    for index, cell in enumerate(cells):
        yield cell
        if index in estimates:
            yield _markdown_cell(nbformat, notebook, estimates[index])
    yield _markdown_cell(nbformat, notebook, summary)


def _markdown_cell(nbformat: Any, notebook: Any, estimate: Estimate) -> Any:
    cell = nbformat.v4.new_markdown_cell(estimate._repr_mimebundle_()["text/markdown"].rstrip("\n"))
    cell.metadata[_MARK] = {"estimate": estimate.kind}
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        cell.pop("id", None)  # ids came with 4.5 (JEP 62)
    return cell


def estimate_cell(found: CellPrompts, model: str) -> Estimate:
    """The prompts of one cell, each a cost estimate."""
    parts, notes = [], []
    for prompt in _known(found.prompts):
        try:
            cost = _cost(prompt.text, prompt.model or model)
        except UnknownNameError:
            notes.append(Note(_OTHER_MODEL.format(model=shorten(str(prompt.model)), default=model)))
            cost = _cost(prompt.text, model)
        details = {**cost.details, "how": prompt.how, "n_unknown": prompt.n_unknown, "text": prompt.text}
        parts.append(Estimate(cost.kind, cost.subject, cost.figures, cost.notes, details=details))
    if any(part.details["n_unknown"] for part in parts):
        notes.append(Note(_UNKNOWN_PARTS))
    return Estimate(
        "prompts",
        f"cell {found.index + 1}",
        figures=tuple(_totals(parts)),
        notes=tuple(dict.fromkeys(notes)),
        details={"cell": found.index + 1},
        parts=tuple(parts),
    )


def _cost(text: str, model: str) -> Estimate:
    """One call with the text alone: the source does not say how a client frames its messages."""
    return compare_costs([read_prompt(text, "text")], [model], CostRequest())


def _summary(
    source: str, found: Sequence[CellPrompts], estimates: dict[int, Estimate], model: str
) -> Estimate:
    parts = tuple(estimates.values())
    later = sum(len(each.prompts) - len(_known(each.prompts)) for each in found)
    notes = [Note(_ONCE)] if parts else [Note(_NOTHING)]
    if later:
        notes.append(Note(_LATER.format(n=later)))
    notes += [
        Note(f"cell {each.index + 1}: {each.problem}; left as it is", "warning")
        for each in found
        if each.problem
    ]
    return Estimate(
        "annotation",
        Path(source).name,
        figures=tuple(_totals(parts)),
        notes=tuple(notes),
        details={"model": model, "n_prompts": sum(len(part.parts) for part in parts)},
        request={"notebook": source, "model": model},
        parts=parts,
    )


def _totals(parts: Sequence[Estimate]) -> Iterator[Figure]:
    if parts:
        named = {f"prompt_{index}": part for index, part in enumerate(parts, start=1)}
        tokens = {key: part["input_tokens"] for key, part in named.items()}
        usd = {key: part["total_usd"] for key, part in named.items()}
        yield derive("input_tokens", "tokens", sum_tokens, **tokens)
        yield derive("total_usd", "USD", sum_of_estimates, **usd)


def _known(prompts: Sequence[Prompt]) -> list[Prompt]:
    return [each for each in prompts if each.text.strip()]


def _nbformat() -> Any:
    try:
        import nbformat
    except ImportError:
        raise LLMNumbersError(_INSTALL) from None
    return nbformat


def _read(nbformat: Any, path: Path) -> Any:
    """The notebook in the shape of version 4, whatever it was written in."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise LLMNumbersError(f"{path} cannot be read ({reason}); nothing was written") from None
    try:
        with warnings.catch_warnings():
            # Cells without ids, and what a newer nbformat would write otherwise: nothing to act on here.
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)
        cells = [(cell.cell_type, _source(cell), cell.get("metadata")) for cell in notebook.cells]
    except Exception as error:  # not JSON, no notebook, or one of a version that nbformat cannot convert
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise LLMNumbersError(
            f"{path} is not a notebook ({shorten(reason, 80)}); nothing was written"
        ) from None
    assert len(cells) == len(notebook.cells)
    return notebook


def _source(cell: Any) -> str:
    source = cell.source
    return "".join(source) if isinstance(source, list) else str(source)


def _write(nbformat: Any, notebook: Any, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = nbformat.writes(notebook)
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise LLMNumbersError(f"{path} cannot be written ({error.strerror}); name another -o") from None


def _same_file(source: str, target: str) -> bool:
    try:
        return Path(source).samefile(target)
    except OSError:  # one of them does not exist
        return Path(source).absolute() == Path(target).absolute()
