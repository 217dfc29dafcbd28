"""The one gate for what comes from outside, and the one writer.

Nothing else in the package opens a file, expands `~` or parses JSON, YAML or TOML; a test holds
that. What the gate hands on is bounded: a word, a file, a nesting, a number of items.
"""
