"""Coupons: issued, used once at the till, given back or expired."""
