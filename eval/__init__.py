"""Measuring: gold sets, metrics, runs, reports. Import its modules by name, never `eval` whole."""
