"""What the rows of a library hold: packed, summed, and how earlier versions held it."""
