"""What `%llmcost` does with whole cells: it runs beside them, and below them stands what they cost."""
