"""Discord: gateway events and interactions in, replies and posts out."""
