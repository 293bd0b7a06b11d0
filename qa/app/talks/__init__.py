"""A visitor's talk: its turns, how an answer is sought, of which articles it asks, and how it is kept."""
