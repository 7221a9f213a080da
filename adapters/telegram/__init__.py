"""Telegram: updates in, replies and posts out."""
