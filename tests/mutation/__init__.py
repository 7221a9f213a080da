"""Mutants of the ledger: every small change to its rules must make a test fail."""
