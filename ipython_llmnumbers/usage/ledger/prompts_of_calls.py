"""Which prompt of a cell's source a call was sent by, where the source leaves no doubt."""

from __future__ import annotations

from ...estimates.cost.notebook_details import CellEstimate
from ..recording.recording import RecordedCall, Recording
from ..recording.sent_prompts import ANOTHER


def prompt_of(
    call: RecordedCall, listed_as: str | None, recording: Recording, estimate: CellEstimate | None
) -> str | None:
    """The text of the prompt without what is filled in; None where it may be another.

    It is the one whose words were sent. Where what was sent cannot be read, the only prompt of the call's
    model has all of its calls, as in a loop; and of several prompts each is one call in the order of the
    source, if as many calls were answered.

    Args:
        call: the call.
        listed_as: the name in the price table of the model that served it.
        recording: all calls of the cell.
        estimate: the prompts in its source.
    """
    if estimate is None or call.is_stray or call.state == "refused":
        return None
    if call.prompt is not None:
        return None if call.prompt == ANOTHER else estimate.parts[call.prompt].details.text
    if recording.n_of_earlier:
        return None
    same = [each for each in estimate.parts if each.details.cost.price_model == listed_as]
    if len(same) == 1:
        return same[0].details.text
    answered = [each for each in recording.calls if each.state != "refused"]
    if len(answered) != len(estimate.parts) or recording.open:
        return None
    in_order = sorted(answered, key=lambda each: each.started)
    prompt = estimate.parts[in_order.index(call)]
    return prompt.details.text if prompt in same else None
