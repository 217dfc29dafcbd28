"""What the calls of a notebook cost: the ledger."""
