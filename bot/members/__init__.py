"""Who the members are: names, cards, roles, zones, whom they brought."""
