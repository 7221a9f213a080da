"""What happens: plain functions, each in one transaction."""
