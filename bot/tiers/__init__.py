"""Tiers and levels."""
