"""Models that judge statements against a question and against each other."""
