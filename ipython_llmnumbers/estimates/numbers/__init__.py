"""The numbers every LLM developer should know: of 2023, of today, of this notebook."""
