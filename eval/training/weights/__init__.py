"""Weights: as published, as they are shipped, and back to where a training goes on."""
