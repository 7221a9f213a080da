"""Badges: awarded by rules and by hand, shown, and told."""
