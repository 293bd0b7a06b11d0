"""A text made ready: cleaned, told from page furniture, cut into blocks, sentences and chunks."""
