"""The app put together and served: its flags, its endpoints, and what it lets Gradio keep and queue."""
