"""Spaces: set up, moved, left, who is in them, and what they are posted in one."""
