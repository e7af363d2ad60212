"""These tests hold protocol.md and the clients' types equal to protocol/."""
