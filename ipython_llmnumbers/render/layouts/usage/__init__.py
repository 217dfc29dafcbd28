"""What calls cost: a recorded cell, the ledger, and the ledger beside a bill."""
