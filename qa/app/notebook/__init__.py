"""The notebook in the browser: its page, and what keeps things of an answer in it."""
