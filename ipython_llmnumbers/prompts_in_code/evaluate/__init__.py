"""What the expressions of a notebook hold, as far as the source tells it."""
