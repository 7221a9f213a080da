"""What the operator counts on: alerts, backups, dead letters, retention."""
