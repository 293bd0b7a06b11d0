"""What comes in: files and pages found, fetched and read, and what they state about themselves."""
