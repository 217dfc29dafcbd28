"""`%tokens` and `%%tokens`: how many tokens a text is, and where the cuts are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..messages import say
from .common_options import JSON_FILE, MODELS, OUTPUT_NAME, VARIABLE
from .exports import export
from .magic import Call, Magic
from .options import Option

if TYPE_CHECKING:
    from ..figures import Estimate
    from ..probes.prompts.text_files import Piece


def _answer(call: Call) -> Estimate:
    """Count a text's tokens as a model would, and show each of them.

    The text is the cell below the first line, the text on the line, a file, or a variable: a
    string, a list of strings, or a DataFrame column.
    """
    return export(call, _estimate(call))


def _estimate(call: Call) -> Estimate:
    from ..estimates.tokens.many_texts import COMPARED_MODELS, compare_tokens, estimate_file, estimate_texts
    from ..estimates.tokens.one_text import estimate_tokens
    from ..probes.prompts.dataframes import texts_in

    model = call.options.get("model", call.session.settings.model)
    path = call.options.get("file")
    if path is not None:
        if call.cell or call.options.rest or call.options.get("var"):
            raise UsageError("--file {path} and another text: give one of them", path=path)
        return estimate_file(path, model, lambda pieces: _with_progress(pieces, path))
    value, label = call.subject()
    if not isinstance(value, str):
        rows = texts_in(value, label)
        return estimate_texts(rows.values, label, model, rows.n_empty_rows)
    if call.options.get("compare") or "," in model:
        return compare_tokens(value, model.split(",") if "," in model else (model, *COMPARED_MODELS))
    return estimate_tokens(value, model, shows_ids=call.options.get("ids", False))


def _with_progress(pieces: Iterable[Piece], path: str) -> Iterator[Piece]:
    """The pieces, with a bar that appears where reading takes longer than a second."""
    from tqdm import tqdm

    from ..probes.prompts.text_files import file_size_bytes

    with tqdm(total=file_size_bytes(path), unit="B", unit_scale=True, delay=1, leave=False) as bar:
        for piece in pieces:
            yield piece
            bar.update(piece.n_bytes)


MAGIC = Magic(
    "tokens",
    "line_cell",
    "[TEXT]",
    (
        MODELS,
        VARIABLE,
        Option(("--file",), say("count a text file of any size"), "PATH", effect="instead"),
        Option(("--compare",), say("count under many tokenizers, with the ratio to the first")),
        Option(("--ids",), say("show the ids of the tokens")),
        OUTPUT_NAME,
        JSON_FILE,
    ),
    _answer,
)
