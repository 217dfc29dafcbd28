"""What a token costs on a day, and how many tokens a model takes."""
