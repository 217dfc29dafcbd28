"""The kinds of parameters that hold what is asked about: a text, a prompt, a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..messages import option
from ..probes.prompts.dataframes import is_prompt, rows_in
from .kinds import Kind


class Prompts(Kind):
    """A prompt, or many: a text, messages, a list of either, a DataFrame or its column of text."""

    is_long: ClassVar[bool] = True
    json_schema: ClassVar[Mapping[str, Any]] = {"type": ["string", "array", "object"]}

    def take(self, name: str, value: Any) -> Any:
        """One prompt as it is; many as a tuple, with None for a row without one."""
        return value if is_prompt(value) else rows_in(value, option(name))


class OpenModel(Kind):
    """A model with open weights: its name, a size, a path, or an object in memory such as a torch module."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string"}

    def to_json(self, value: Any) -> Any:
        """The name; of an object in memory there is none to ask for again."""
        return value if isinstance(value, str) else getattr(value, "name", type(value).__name__)
