"""What many articles say of everything or of a topic, in their own most central sentences."""
