"""Estimates at a fixed moment, and what is said beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from time_machine import travel

from ipython_llmnumbers import estimate_cost

DAY = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def said(estimate, level=None):
    return [note.text for note in estimate.notes if level in (None, note.level)]


def at(moment, *arguments, **options):
    with travel(moment, tick=False):
        return estimate_cost(*arguments, **options)
