"""A table of TOML is read the same whether the build has written it as JSON or not."""

from __future__ import annotations

import json
import tomllib

import pytest

from ipython_llmnumbers.catalog import toml_tables
from ipython_llmnumbers.messages import Message

NAMES = sorted(path.relative_to(toml_tables.FOLDER).as_posix() for path in toml_tables.FOLDER.rglob("*.toml"))
TABLE = """
[sources.page]
name = "a page"
checked = 2026-11-20

[[rows]]
note = "said to people"
tokens = 8_192
shares = [0.1, 1e-9]
source = "page"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A catalog of one table, read anew."""
    monkeypatch.setattr(toml_tables, "FOLDER", tmp_path)
    (tmp_path / "table.toml").write_text(TABLE, encoding="utf-8")
    return tmp_path


def written(value):
    """What a table says to people, as it is written there."""
    if isinstance(value, dict):
        return {key: written(each) for key, each in value.items()}
    if isinstance(value, list):
        return list(map(written, value))
    return value.template if isinstance(value, Message) else value


def read():
    return toml_tables.read_table.__wrapped__("table.toml")


@pytest.mark.parametrize("name", NAMES)
def test_each_table_is_what_tomllib_reads(name):
    table = toml_tables.read_table(name)
    assert written(table) == tomllib.loads((toml_tables.FOLDER / name).read_text("utf-8"))


def test_what_the_build_wrote_is_taken(folder, monkeypatch):
    (folder / "table.toml.json").write_bytes(toml_tables.built_table(TABLE.encode()))
    monkeypatch.setattr(tomllib, "loads", None)
    table = read()
    assert toml_tables.source_of(table, table["rows"][0]).checked.isoformat() == "2026-11-20"
    assert table["rows"][0]["shares"] == [0.1, 1e-9]
    assert isinstance(table["rows"][0]["note"], Message)


@pytest.mark.parametrize("built", [b"", b"\n{}", b'00000000\n{"rows": []}', b"\xff"])
def test_what_it_wrote_of_another_table_is_not(folder, built):
    (folder / "table.toml.json").write_bytes(built)
    assert read() == tomllib.loads(TABLE)
    (folder / "table.toml.json").write_bytes(toml_tables.built_table(TABLE.encode()))
    (folder / "table.toml").write_text(TABLE.replace("8_192", "4_096"), encoding="utf-8")
    assert read()["rows"][0]["tokens"] == 4096


def test_a_time_of_day_has_no_place_in_a_table():
    with pytest.raises(TypeError, match="no day"):
        toml_tables.built_table(b"at = 2026-11-20T10:00:00Z")
    assert json.loads(toml_tables.built_table(b"x = 1").partition(b"\n")[2]) == {"x": 1}
