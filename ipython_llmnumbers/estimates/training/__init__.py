"""What training needs on each GPU, and what it costs."""
