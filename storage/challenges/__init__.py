"""Challenges, duels, quizzes, contests, events, and the badges that are left of them."""
