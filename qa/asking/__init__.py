"""Questions made of what articles state, and what comes of asking them."""
