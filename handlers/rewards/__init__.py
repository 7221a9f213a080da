"""Rewards: the catalogue, shown and changed in chat, and what is spent on it."""
