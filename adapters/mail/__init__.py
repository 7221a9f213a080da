"""Mail: the codes that prove a member's address, sent through the owner's mail server."""
