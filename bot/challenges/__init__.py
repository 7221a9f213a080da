"""Challenges: the terms of a round, what counts in it, and the rules of progress. All of it is pure."""
