"""The user's consent: what it covers, what is shown before it, and the record of it."""
