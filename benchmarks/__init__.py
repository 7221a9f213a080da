"""Speed and memory, each figure beside a baseline from the same run. `make bench` prints the table."""
