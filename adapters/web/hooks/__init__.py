"""The routes that shops call: a file for each kind of shop, all of them read into one form."""
