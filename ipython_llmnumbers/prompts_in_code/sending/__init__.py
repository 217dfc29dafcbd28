"""The calls that send prompts, and the requests that they send."""
