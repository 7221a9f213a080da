"""Boards as members see them: the picture, its buttons, and the whole board as text."""
