"""Messages to others, from their cause to their delivery."""
