"""How many tokens a text is, or many texts are."""
