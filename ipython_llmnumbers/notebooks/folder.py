"""Annotated copies of all notebooks of a folder, and one total of what their prompts cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import LLMNumbersError, UsageError
from ..estimates.cost.notebook_details import AnnotationEstimate, FolderDetails, FolderEstimate
from ..figures import Note
from ..files.reading import files_in, user_path
from ..files.writing import make_folder
from ..messages import joined
from .annotate import annotate_notebook
from .pricing import Annotation, notes_of_all, totals


def annotate_folder(
    source: str,
    target: str | None,
    model: str,
    transform: Callable[[str], str],
    *,
    overwrite: bool = False,
) -> FolderEstimate:
    """Write a copy of each notebook below a folder, at the same place below another; the total of all.

    Args:
        source: the folder; what is in it is never changed.
        target: the folder of the copies; it is made where there is none.
        model: for prompts beside which no model stands.
        transform: turns IPython's syntax into Python.
        overwrite: replace files that are no copies of ours, or that were changed since.

    A notebook that cannot be read or written is left out, with a note. What one keeps by `%store` is known
    in those of the same folder that follow it.

    Raises:
        UsageError: no target, the target is the source, or no notebook is there.
        FileError: the folder cannot be read, or none can be made.
    """
    if not target:
        raise UsageError(
            "{option:annotate={path}} needs {option:to=FOLDER}: the originals are never changed", path=source
        )
    folder, copies = user_path(source).resolve(), user_path(target).resolve()
    if folder == copies:
        raise UsageError(
            "{path} is the folder itself: the originals are never changed; name another", path=target
        )
    found = [path for path in files_in(folder, "**/*.ipynb") if _is_original(path, folder, copies)]
    if not found:
        raise UsageError("{path}: no notebook is there; name a folder with *.ipynb files", path=source)
    make_folder(copies)
    parts, notes = [], []
    stored: dict[Path, dict[str, Any]] = {}
    for path in found:
        name = path.relative_to(folder)
        try:
            make_folder((copies / name).parent)
            part = annotate_notebook(
                str(path),
                str(copies / name),
                model,
                transform,
                overwrite=overwrite,
                stored=stored.setdefault(path.parent, {}),
            )
            parts.append(replace(part, subject=name.as_posix()))
        except LLMNumbersError as error:
            notes.append(Note(joined(": ", name.as_posix(), error.args[0]), "warning"))
    return _together(source, parts, notes, model)


def _is_original(path: Path, folder: Path, copies: Path) -> bool:
    """Whether a notebook is the user's: no copy of ours, no checkpoint of Jupyter's, nothing in `.venv`."""
    is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not is_hidden and not path.is_relative_to(copies)


def _together(source: str, parts: list[AnnotationEstimate], notes: list[Note], model: str) -> FolderEstimate:
    n_prompts = sum(part.details.n_prompts for part in parts)
    cells = [cell for part in parts for cell in part.parts]
    return FolderEstimate(
        Path(source).name or source,
        figures=tuple(totals([part for part in parts if part.parts])),
        notes=(*notes_of_all(cells, model), *notes),
        details=FolderDetails(model=model, n_prompts=n_prompts, n_notebooks=len(parts)),
        question=Annotation(notebook=source, model=model),
        parts=tuple(parts),
    )
