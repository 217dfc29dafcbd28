"""The ledger: what was estimated and what calls cost, in memory or in a file, and beside the bill."""
