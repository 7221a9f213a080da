"""Quizzes: challenges that count right answers to questions."""
