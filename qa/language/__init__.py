"""English, and nothing of questions: words, numbers, units, dates, names, certainty."""
