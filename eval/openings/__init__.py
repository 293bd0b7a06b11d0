"""Openings and ends of articles as people paste them, with what each states of itself."""
