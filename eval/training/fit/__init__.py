"""What the product's weights and thresholds were fitted on, a command for each."""
