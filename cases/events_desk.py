"""Events of what an agent corrects in a case."""
