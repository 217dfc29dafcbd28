"""How many tokens a second a model makes."""
