"""The class: a quiz and its score, an exercise, an essay."""
