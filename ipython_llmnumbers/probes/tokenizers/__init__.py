"""The tokenizers behind one shape, and the vocabularies found on this machine."""
