"""Purchases, money, and the orders and codes they come from."""
