"""Entries, and what follows from them: lots, balances, explanations, seals."""
