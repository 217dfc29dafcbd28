"""What an engine wrote when it loaded a model, beside what is estimated of it."""
