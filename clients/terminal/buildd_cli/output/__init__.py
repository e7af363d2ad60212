"""What the commands print, and what they ask."""
