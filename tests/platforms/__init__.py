"""Servers that stand in for the platforms, on loopback, as strict as the real ones."""
