"""What a class needs: the quiz, the exercises, the lessons in Markdown, and the words around them."""
