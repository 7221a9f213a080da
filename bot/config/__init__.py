"""The config: the sections of the file, typed, with the rules between them; loaded with every problem at once."""
