"""What this machine has: GPUs by their drivers, and memory."""
