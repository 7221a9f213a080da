"""Shops: what they tell of orders, whose those are, and what they bring."""
