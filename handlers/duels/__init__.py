"""Duels: two members who both agree see who does more of something."""
