"""What sources say alike and what cannot both be right; what people ruled on it."""
