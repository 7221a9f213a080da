"""Chat in a terminal or through a pipe: the demo."""
