"""This folder reads other tools' configurations, devcontainer.json and dock.yaml, as projects."""
