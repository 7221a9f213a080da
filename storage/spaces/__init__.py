"""Spaces, what is pinned in them, and how members are marked there."""
