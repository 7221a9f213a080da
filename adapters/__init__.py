"""Who wakes us: platforms, the console, the web, the clock."""
