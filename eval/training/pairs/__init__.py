"""Pairs of statements made by rule or read from public sets, for the comparison model."""
