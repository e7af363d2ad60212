"""Notices changes on the disk: watches, deleted files, and the tasks that changes trigger."""
