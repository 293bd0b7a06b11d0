"""The disagreements of a whole library, without a question."""
