"""The web server: webhooks and whatever else answers over HTTP."""
