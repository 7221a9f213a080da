"""Alembic's migrations: how the schema came to be, from the first table on."""
