"""The commands of the command line: each its flags, one call, what it prints."""
