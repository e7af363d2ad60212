"""What is shown in a file: who owns each diagnostic, and where its line is now."""
