"""Answers, conversations and surveys written down: text, Markdown, JSON, HTML."""
