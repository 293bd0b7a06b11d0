"""What kills, damage, hostile files and sheer size do to a library, tried on purpose."""
