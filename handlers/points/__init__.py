"""Points and status: earned, given, held, spent, expired and taken back, and the words for why."""
