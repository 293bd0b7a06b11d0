"""Looking after a library in a folder: what is damaged, mending it, and copies of it."""
