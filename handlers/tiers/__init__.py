"""Tiers: climbed at once, warned of and lost at the end of a period, and kept in step on the platforms."""
