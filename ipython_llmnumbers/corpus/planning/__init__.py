"""Plan a count: what each source is, which of its fields hold text, and the parts to count it in."""
