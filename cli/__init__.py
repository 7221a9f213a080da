"""The command line for owners: a file for each group of commands. run_bot.py lists them; nothing imports this."""
