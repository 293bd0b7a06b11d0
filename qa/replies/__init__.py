"""Answers to what is asked of an answer, of the outlets, of news, and in another language."""
