"""What the engines that serve models say when they start."""
