"""What is asked: of what kind, and what a follow-up takes from the talk."""
