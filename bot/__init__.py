"""The domain: plain values and rules; no await, no database, no platform, no clock of its own."""
