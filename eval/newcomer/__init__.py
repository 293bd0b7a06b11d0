"""A stranger's library: twelve ordinary articles of four events, and what they contradict each other in."""
