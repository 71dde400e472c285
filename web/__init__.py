"""The only floor that speaks HTML."""
