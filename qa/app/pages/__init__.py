"""The pages of the app, and what each holds for its visitors."""
