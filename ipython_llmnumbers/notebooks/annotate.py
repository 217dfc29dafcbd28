"""A copy of a notebook with the cost of each prompt written under the cell that holds it.

The notebook is read, never run, and the original stays as it is. What a prompt costs is
`estimates.cost`'s to say, and how it looks is the presenter's.
"""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import LLMNumbersError, UsageError
from ..estimates.cost.notebook_details import AnnotationEstimate, CellEstimate
from ..figures import Estimate
from ..files.encodings import decoded
from ..files.formats import check_json_depth
from ..files.reading import read_bytes, user_path
from ..files.writing import write_text
from ..messages import shorten
from ..prompts_in_code.find_prompts import find_prompts
from ..render import markdown_of
from .pricing import estimate_cell, known_prompts, summarise
from .saved_texts import saved_texts
from .saved_usage import saved_usage, usage_of_prompts

# What marks a cell as written here, so that a second run does not annotate the annotations; and, in the
# notebook's metadata, a copy.
_MARK, _DIGEST = "llmnumbers", "sha256"
_MOST_BYTES = 500_000_000


def annotate_notebook(
    source: str,
    target: str | None,
    model: str,
    transform: Callable[[str], str],
    *,
    overwrite: bool = False,
    stored: dict[str, Any] | None = None,
) -> AnnotationEstimate:
    """Write the copy, and return the summary that stands at its end: one part for each cell.

    Args:
        source: the notebook, of nbformat 3 or 4.
        target: the copy; never the notebook itself.
        model: for prompts beside which no model stands.
        transform: turns IPython's syntax into Python (`TransformerManager().transform_cell`).
        overwrite: replace a file that is no copy of ours, or that was changed since.
        stored: what `%store` keeps from one notebook of a folder to the next.

    Raises:
        UsageError: no target, or the target is the source.
        FileError: the notebook cannot be read, or the copy cannot be written.
        LLMNumbersError: the file is no notebook.
    """
    if not target:
        raise UsageError(
            "{option:annotate={path}} needs {option:to=OUT.ipynb}: the original is never changed", path=source
        )
    source_path, target_path = user_path(source), user_path(target)
    if _same_file(source_path, target_path):
        raise UsageError(
            "{path} is the notebook itself: the original is never changed; name a copy", path=target
        )
    nbformat = _nbformat()
    notebook = _read(nbformat, source_path)
    cells = [cell for cell in notebook.cells if _MARK not in cell.get("metadata", {})]
    sources = [(cell.cell_type, _source(cell)) for cell in cells]
    found = find_prompts(sources, transform, stored, saved_texts(cells))
    usages = {index: saved_usage(cell.get("outputs")) for index, cell in enumerate(cells)}
    saved = usage_of_prompts(found, usages)
    estimates = {each.index: estimate_cell(each, model, saved) for each in found if known_prompts(each)}
    summary = summarise(source, found, estimates, model)
    notebook.cells = list(_with_notes(nbformat, notebook, cells, estimates, summary))
    notebook.metadata[_MARK] = {_DIGEST: _digest(notebook)}
    text = _written(nbformat, notebook)
    write_text(target_path, text, is_ours=lambda old: _is_unchanged(nbformat, old), overwrite=overwrite)
    return summary


def _with_notes(
    nbformat: Any,
    notebook: Any,
    cells: Sequence[Any],
    estimates: dict[int, CellEstimate],
    summary: AnnotationEstimate,
) -> Iterator[Any]:
    for index, cell in enumerate(cells):
        yield cell
        if index in estimates:
            yield _markdown_cell(nbformat, notebook, estimates[index])
    yield _markdown_cell(nbformat, notebook, summary)


def _markdown_cell(nbformat: Any, notebook: Any, estimate: Estimate) -> Any:
    cell = nbformat.v4.new_markdown_cell(markdown_of(estimate).rstrip("\n"))
    cell.metadata[_MARK] = {"estimate": estimate.kind}
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        cell.pop("id", None)  # ids came with 4.5 (JEP 62)
    return cell


def _nbformat() -> Any:
    try:
        import nbformat
    except ImportError:
        raise LLMNumbersError(
            "{option:annotate} needs nbformat, which comes with Jupyter:"
            " pip install 'ipython-llmnumbers[annotate]'"
        ) from None
    return nbformat


def _read(nbformat: Any, path: Path) -> Any:
    """The notebook in the shape of version 4, whatever it was written in."""
    content = read_bytes(path, _MOST_BYTES)
    try:
        return _parsed(nbformat, content)
    except Exception as error:  # not JSON, no notebook, or one of a version that nbformat cannot convert
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise LLMNumbersError(
            "{path} is not a notebook ({reason}); nothing was written", path=path, reason=shorten(reason, 80)
        ) from None


def _parsed(nbformat: Any, content: bytes) -> Any:
    text = decoded(content)
    check_json_depth(text)
    with _quiet():
        notebook = nbformat.reads(text, as_version=4)
    notebook.setdefault("nbformat_minor", 0)  # which programs that write a notebook by hand leave out
    notebook.setdefault("metadata", nbformat.NotebookNode())
    for each in (notebook, *notebook.cells):
        if not isinstance(each.get("metadata", {}), dict):
            raise TypeError("metadata that is no object")
    for cell in notebook.cells:
        if not isinstance(cell.cell_type, str):
            raise TypeError("a cell without a type")
        _source(cell)
    return notebook


@contextmanager
def _quiet() -> Iterator[None]:
    """nbformat warns of cells without ids and logs what its schema lacks: nothing to act on here."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _digest(notebook: Any) -> str:
    """What tells whether somebody has worked in a copy: its texts and outputs, whatever their form."""
    cells = [[cell.cell_type, _source(cell), cell.get("outputs", [])] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def _is_unchanged(nbformat: Any, content: bytes) -> bool:
    """Whether a file is a copy that was written here, and is as it was written."""
    try:
        notebook = _parsed(nbformat, content)
        mark = notebook.metadata.get(_MARK)
        return isinstance(mark, dict) and mark.get(_DIGEST) == _digest(notebook)
    except Exception:  # whatever it is, it is not ours
        return False


def _source(cell: Any) -> str:
    source = cell.source
    return "".join(source) if isinstance(source, list) else str(source)


def _written(nbformat: Any, notebook: Any) -> str:
    with _quiet():
        return f"{nbformat.writes(notebook)}\n"


def _same_file(source: Path, target: Path) -> bool:
    try:
        return source.samefile(target)
    except OSError:  # one of them does not exist
        return source.absolute() == target.absolute()
