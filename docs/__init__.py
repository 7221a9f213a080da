"""What users read, and how the generated part of it is written."""
