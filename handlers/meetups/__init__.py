"""Events: made by moderators, with a code by which members check in."""
