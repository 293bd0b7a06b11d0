"""What the models are trained on: stories, contrast sets, public questions."""
