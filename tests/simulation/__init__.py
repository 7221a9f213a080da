"""A deterministic simulation: the real app through a year of members, faults, crashes and clocks, from one seed."""
