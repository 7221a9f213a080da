"""SQLite and PostgreSQL: connections, transactions that share a commit, migrations, backups, copies."""
