"""Tests that hold protocol.md and the clients' types equal to protocol/."""
