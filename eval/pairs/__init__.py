"""Labelled pairs of statements: reading them, judging them, and what is counted."""
