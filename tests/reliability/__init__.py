"""What is promised to hold through crashes, outages and clocks, each proved by what it would take to break it."""
