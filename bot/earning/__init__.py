"""Earning rules: one per file, every number from the config."""
