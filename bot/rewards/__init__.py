"""Rewards, what is offered to whom, coupons and stamp cards."""
