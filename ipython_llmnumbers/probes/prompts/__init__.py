"""What a prompt is: text, chats, tables, pictures and files, read without running anything."""
