"""Past these a number is a slip of the keyboard, not a plan."""

from __future__ import annotations

from decimal import Decimal

CALLS = 10**15
TURNS = 10_000
OUTPUT_TOKENS = 10**15
CONTEXT_TOKENS = 100_000_000
SEQUENCES = 1_000_000
GPUS_OF_A_MODEL = 1_024
GPUS_OF_A_TRAINING = 1_000_000
DRAFT_LAYERS = 100
LAYERS = 100_000
OFFLOAD_GIB = 100_000
LORA_RANK = 100_000
LORAS = 100_000
TRAIN_TOKENS = 10**16
USD = Decimal(10) ** 12
USD_PER_MTOK = Decimal(10) ** 6
USD_PER_HOUR = Decimal(10) ** 6
LOCAL_PER_USD = Decimal(10) ** 9
QUIZ_SEED = 10**9
# Of the user's own table: some ten thousand rows.
TABLE_BYTES = 4_000_000
ROWS = 1_000
"""Rows that a list of what fits may have."""
