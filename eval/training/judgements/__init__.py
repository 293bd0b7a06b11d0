"""What a network is taught to judge: single statements and pairs, with their labels, as tokens."""
