"""Read the documents of a part, wherever it begins and however its rows are written."""
