"""Stories of challenges: the same script on every platform, across a change of the clocks, through kills."""
