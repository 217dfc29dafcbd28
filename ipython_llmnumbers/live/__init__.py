"""The estimate while the prompt is being written: in JupyterLab, Notebook 7 and the terminal."""
