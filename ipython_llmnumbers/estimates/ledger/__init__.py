"""The answers of the ledger: its lines, their sums, and how they compare with a bill."""
