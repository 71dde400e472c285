"""Tests: sentences about what the house does, on real servers."""
