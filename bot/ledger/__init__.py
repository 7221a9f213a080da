"""Units, accounts and entries, and what is said of them."""
