"""Standings, places and boards."""
