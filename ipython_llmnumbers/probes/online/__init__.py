"""The only room that opens a socket, and only when the user asks for that very thing."""
