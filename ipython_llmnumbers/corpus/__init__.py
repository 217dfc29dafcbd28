"""Count a corpus in parts: plan them, count each wherever it runs, add up what was counted."""
