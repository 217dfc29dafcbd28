"""A cell's own syntax read as IPython reads it; and annotating notebooks, which needs that."""

from __future__ import annotations

import warnings

from ..estimates.cost.notebook_details import AnnotationEstimate, FolderEstimate
from ..files.reading import is_folder, user_path
from .annotate import annotate_notebook
from .folder import annotate_folder


def annotate(
    source: str, target: str | None, model: str, *, overwrite: bool = False
) -> AnnotationEstimate | FolderEstimate:
    """Write the annotated copy, or those of a folder's notebooks; the summary, or one total."""
    write = annotate_folder if is_folder(user_path(source)) else annotate_notebook
    return write(source, target, model, as_python, overwrite=overwrite)


def as_python(cell: str) -> str:
    """A cell as IPython would compile it: its magics are calls, its commands too.

    Raises:
        SyntaxError: a line of it is not finished.
        RuntimeError: it has hundreds of magics.

    >>> as_python("x = %time 1")
    "x = get_ipython().run_line_magic('time', '1')\\n"
    """
    from IPython.core.inputtransformer2 import TransformerManager

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # IPython's, on a line that ends in no way that it knows
        code: str = TransformerManager().transform_cell(cell)
        return code
