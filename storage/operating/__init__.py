"""What the installation keeps about itself and its work."""
