"""What is shown, as HTML with its style and scripts; every text passes `render.escape`."""
