"""What earning by taking part needs to remember."""
