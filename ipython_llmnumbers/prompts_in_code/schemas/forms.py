"""The forms that client libraries give a schema of pydantic's before they send it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .written import NotWrittenOut

_DEEPEST = 40
# One class can stand in many places, and in each of them others.
_MOST_PARTS = 20_000


class Forms:
    """Rewrites one schema of pydantic's."""

    def __init__(self, schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None) -> None:
        self._schema = schema
        self._definitions = schema.get("$defs", {}) if definitions is None else definitions
        self._parts_left = _MOST_PARTS

    def written_in(self) -> dict[str, Any]:
        """Each class where it is used, and no titles: LangChain's `convert_to_openai_tool`.

        Raises:
            NotWrittenOut: a class that holds itself, or too many.
        """
        whole = {key: each for key, each in self._schema.items() if key != "$defs"}
        return dict(_untitled(self._inserted(whole, 0)))

    def _inserted(self, value: Any, depth: int) -> Any:
        self._count(depth)
        if isinstance(value, list):
            return [self._inserted(each, depth + 1) for each in value]
        if not isinstance(value, Mapping):
            return value
        own = {key: self._inserted(each, depth + 1) for key, each in value.items() if key != "$ref"}
        if not isinstance(value.get("$ref"), str):
            return own
        return {**self._inserted(self._defined(value), depth + 1), **own}

    def strict(self) -> dict[str, Any]:
        """All fields required and no others: `to_strict_json_schema` of openai-python.

        Raises:
            NotWrittenOut: a class that holds itself beside words of its own, or too many.
        """
        return self._strict(self._schema, 0)

    def _strict(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        self._count(depth)
        found = dict(schema)
        if found.get("type") == "object":
            found.setdefault("additionalProperties", False)
        for key in ("$defs", "properties"):
            if key in found:
                found[key] = {name: self._strict(each, depth + 1) for name, each in found[key].items()}
        if "properties" in found:
            found["required"] = list(found["properties"])
        if isinstance(found.get("items"), Mapping):
            found["items"] = self._strict(found["items"], depth + 1)
        if "anyOf" in found:
            found["anyOf"] = [self._strict(each, depth + 1) for each in found["anyOf"]]
        if found.get("default", ...) is None:
            del found["default"]
        if "$ref" in found and len(found) > 1:
            defined = self._defined(found)
            del found["$ref"]
            return self._strict({**defined, **found}, depth + 1)
        return found

    def _defined(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._definitions[value["$ref"].rpartition("/")[2]]
        return found

    def _count(self, depth: int) -> None:
        self._parts_left -= 1
        if depth > _DEEPEST or self._parts_left < 0:
            raise NotWrittenOut


def _untitled(value: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    """A schema less its titles; LangChain leaves those that stand in a list."""
    return {
        name: _untitled(each, name) if isinstance(each, Mapping) else each
        for name, each in value.items()
        if name != "title" or (isinstance(each, Mapping) and key == "properties")
    }
