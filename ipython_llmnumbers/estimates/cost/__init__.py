"""What a prompt costs, one call and many."""
