"""What could be asked next: questions made of the articles' own statements, and offered once asked."""
