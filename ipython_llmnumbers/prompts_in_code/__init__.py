"""Prompts in Python source, found without running it."""
