"""Events of answers from knowledge."""
