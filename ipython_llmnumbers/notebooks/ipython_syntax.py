"""Annotate a notebook, from the magic and from the command line: IPython's syntax is read here."""

from __future__ import annotations

import warnings

from ..estimates.cost.notebook_details import AnnotationEstimate
from .annotate import annotate_notebook


def annotate(source: str, target: str | None, model: str, *, overwrite: bool = False) -> AnnotationEstimate:
    """Write the annotated copy; the summary that stands at its end."""
    from IPython.core.inputtransformer2 import TransformerManager

    def transform(source: str) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # IPython's, on a line that ends in no way that it knows
            transformed: str = TransformerManager().transform_cell(source)
            return transformed

    return annotate_notebook(source, target, model, transform, overwrite=overwrite)
