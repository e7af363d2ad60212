"""Commands in the warm environment that run as if they ran here."""
