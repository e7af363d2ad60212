"""Tests of server/: sessions, limits, access."""
