"""The training of the bundled models, from public data sets that the project does not ship."""
