"""The app put together and served: its flags, endpoints, libraries and uploads."""
