"""What was handled and how, what was shown, and forms under way."""
