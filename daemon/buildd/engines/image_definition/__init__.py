"""What an image is built from: the Dockerfile's language, the files it copies, their digest."""
