"""Inputs that break what reads them, searched for by coverage."""
