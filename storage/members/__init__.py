"""Who the members are, how they are found, and what is forgotten of them."""
