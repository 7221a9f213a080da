"""Challenges: what moves them, who is told, reminded and paid, and what members see of them."""
