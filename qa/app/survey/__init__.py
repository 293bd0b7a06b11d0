"""The page of disagreements: the whole library compared, narrowed, drawn and ruled on."""
