"""What stays of a visitor's talks: of which articles they ask, their links, and how they are kept."""
