"""`%tokens` and `%%tokens`: how many tokens a text is, and where the cuts are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from .common_options import KEEPING, VARIABLE
from .exports import export
from .magic import Call, Magic
from .options import Option, options_of

if TYPE_CHECKING:
    from ..figures import Estimate
    from ..probes.prompts.text_files import Piece


def answer_tokens(call: Call) -> Estimate:
    """Count a text's tokens as a model would, and show each of them.

    The text is the cell below the first line, the text on the line, a file, or a variable: a
    string, a list of strings, or a DataFrame column.
    """
    from ..estimates.tokens.many_texts import estimate_file
    from ..estimates.tokens.question import Tokens

    if "file" in call.options.values:
        text = call.cell or call.options.rest or call.options.get("var")
        question = call.ask(Tokens, text=text or None)
        return export(
            call, estimate_file(question, lambda pieces: _with_progress(pieces, str(question.file)))
        )
    text, label = call.subject()
    return export(call, call.ask(Tokens, text=call.rows(text, label), label=label).answer())


def _with_progress(pieces: Iterable[Piece], path: str) -> Iterator[Piece]:
    """The pieces, with a bar that appears where reading takes longer than a second."""
    from tqdm import tqdm

    from ..probes.prompts.text_files import text_file_bytes

    with tqdm(total=text_file_bytes(path), unit="B", unit_scale=True, delay=1, leave=False) as bar:
        for piece in pieces:
            yield piece
            bar.update(piece.n_bytes)


@cache
def _options() -> tuple[Option, ...]:
    from ..estimates.tokens.question import Tokens

    return (*options_of(Tokens), VARIABLE, *KEEPING)


MAGIC = Magic("tokens", "line_cell", "[TEXT]", _options, answer_tokens, "%tokens -m gpt-4o hello")
