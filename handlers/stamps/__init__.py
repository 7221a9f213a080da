"""Stamp cards: stamped, shown, and turned into coupons when they are full."""
