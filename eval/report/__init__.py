"""Runs to look at: tables, one HTML file, and the app's evaluation page."""
