"""Files that people give: their columns and lines, and pictures."""
