"""Tests of trials/: try, verify and the copies that they run on."""
