"""How many tokens a corpus is, and what it costs to use."""
