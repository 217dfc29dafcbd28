"""Annotate a notebook, from the magic and from the command line: IPython's syntax is read here."""

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
    from IPython.core.inputtransformer2 import TransformerManager

    def transform(source: str) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # IPython's, on a line that ends in no way that it knows
            transformed: str = TransformerManager().transform_cell(source)
            return transformed

    write = annotate_folder if is_folder(user_path(source)) else annotate_notebook
    return write(source, target, model, transform, overwrite=overwrite)
