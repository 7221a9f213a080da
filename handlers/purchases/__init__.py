"""Purchases: recorded at the till or from a file, and what their points come to."""
