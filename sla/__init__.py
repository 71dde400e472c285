"""Promises: the calendar, the clocks, the sweep and the supervision ladder."""
