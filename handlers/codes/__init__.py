"""One-time codes: claimed by members, and what each of them brings."""
