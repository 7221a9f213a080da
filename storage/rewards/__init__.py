"""Rewards, and what members hold of them: coupons, stamps, gifts."""
