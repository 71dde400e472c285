"""Events of outages and their callers."""
