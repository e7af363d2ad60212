"""Where files are: state directories, look-up by name, gitignore, git's layout, paths inside."""
