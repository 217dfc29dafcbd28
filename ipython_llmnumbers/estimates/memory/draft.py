"""A speculative draft: a model beside the model, or layers beside its own, that keep tokens too."""

from __future__ import annotations

from dataclasses import replace

from ...catalog.open_models.architectures import Cache, Matrix
from ...catalog.open_models.spec import ModelSpec
from ...records import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole `model` as the draft of a model, or so many layers; neither where no draft is asked for."""

    spec: ModelSpec
    n_layers: int
    model: ModelSpec | None = None

    @property
    def matrices(self) -> list[Matrix]:
        """The model's own prediction modules, where it has them."""
        return [each for each in self.spec.architecture.matrices if each.draft] if self.n_layers else []

    @property
    def caches(self) -> list[Cache]:
        """Those of layers: they keep tokens as the model's own layers do."""
        own = self.spec.architecture.caches
        like = next((c for kind in ("full", "latent", "sliding") for c in own if c.kind == kind), None)
        return [replace(like, layers=self.n_layers)] if like and self.n_layers else []

    @property
    def has_weights_of_its_own(self) -> bool:
        """Which are not counted: they depend on the draft."""
        return bool(self.n_layers) and not self.matrices
