"""Pictures: SVG templates, what they are made with, and how they become PNG."""
