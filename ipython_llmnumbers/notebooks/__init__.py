"""Notebooks read as files: their prompts priced, and a copy written."""
