"""What is unusual for a metric, judged by its own history."""
