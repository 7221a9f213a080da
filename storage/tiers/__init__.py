"""Tiers, levels, and the status by month that they are reached by."""
