"""The schema of this floor, oldest first."""
