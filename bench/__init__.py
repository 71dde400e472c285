"""Measurements: each prints a ratio in one run and notes it, with the machine and the day, in RESULTS.md."""
