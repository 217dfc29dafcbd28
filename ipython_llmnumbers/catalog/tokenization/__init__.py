"""Which vocabulary belongs to a model, what a chat adds, and how many tokens a kind of text has."""
