"""The prompts of a notebook. `notebooks` makes these and `render`, which may not import it, shows them."""

from __future__ import annotations

from typing import ClassVar

from ...figures import Details, Estimate
from ...records import dataclass
from .details import CostDetails, CostEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptDetails(Details):
    """The details of a prompt's cost, and where the prompt was found."""

    cost: CostDetails
    """How the prompt was counted, and where the price is from; its `how` is not in `to_dict`."""
    how: str
    """What sends the prompt: the call in the source, or a magic."""
    n_unknown: int
    """The number of parts that are filled in only when the cell runs."""
    not_counted: tuple[str, ...]
    """The parts that are more than a piece of text and are not counted, as the source writes them."""
    is_default_model: bool
    """Whether the model is the default, since none stands beside the prompt."""
    text: str
    """The text of the prompt, as far as the source tells it."""


@dataclass(frozen=True, repr=False, kw_only=True)
class PromptEstimate(Estimate):
    """What one prompt of a cell costs."""

    kind: ClassVar[str] = "cost"
    details: PromptDetails

    @property
    def holds_what_was_saved(self) -> bool:
        """Whether what an answer says of its input lies in the range that was counted; False of no answer."""
        counted, saved = self["input_tokens"], self.get("saved_input_tokens")
        if saved is None or counted.low is None or counted.high is None:
            return False
        return bool(counted.low <= saved.value <= counted.high)

    def as_cost(self) -> CostEstimate:
        """The cost of the prompt, whichever call sends it."""
        return CostEstimate(
            subject=self.subject,
            figures=self.figures,
            notes=self.notes,
            details=self.details.cost,
            voice=self.voice,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDetails(Details):
    """Which cell it is."""

    cell: int
    """The number of the cell in the notebook, from 1."""


@dataclass(frozen=True, repr=False, kw_only=True)
class CellEstimate(Estimate):
    """What the prompts of one cell cost."""

    kind: ClassVar[str] = "prompts"
    details: CellDetails
    parts: tuple[PromptEstimate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationDetails(Details):
    """What was looked for in a notebook, and how much was found."""

    model: str
    """The model of the prompts whose calls name none."""
    n_prompts: int
    """The number of prompts that were found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderDetails(Details):
    """What was looked for in the notebooks of a folder, and how much was found."""

    model: str
    """The model of the prompts whose calls name none."""
    n_prompts: int
    """The number of prompts that were found."""
    n_notebooks: int
    """The number of notebooks that were read."""


@dataclass(frozen=True, repr=False, kw_only=True)
class AnnotationEstimate(Estimate):
    """What the prompts of a notebook cost: one part for each cell with prompts."""

    kind: ClassVar[str] = "annotation"
    details: AnnotationDetails
    parts: tuple[CellEstimate, ...] = ()


@dataclass(frozen=True, repr=False, kw_only=True)
class FolderEstimate(Estimate):
    """What the prompts of a folder's notebooks cost: one part for each notebook."""

    kind: ClassVar[str] = "annotations"
    details: FolderDetails
    parts: tuple[AnnotationEstimate, ...] = ()
