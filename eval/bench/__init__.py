"""Speed and memory: one command each, figures side by side in one run."""
