"""This folder reads what an image is built from: Dockerfiles, the files they copy, a digest."""
