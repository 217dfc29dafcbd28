"""Reads what calls cost from the bytes of their answers, under the clients that made them."""
