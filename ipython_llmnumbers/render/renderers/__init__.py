"""A layout drawn: as HTML, Markdown, text, or a plot."""
