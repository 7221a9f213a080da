"""Referrals: inviting friends, rewarding both sides, looking at what is odd, and ambassadors."""
