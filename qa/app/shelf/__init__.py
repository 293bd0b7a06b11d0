"""The libraries of the app's visitors: what they hold, what is added to them, and long work on them."""
