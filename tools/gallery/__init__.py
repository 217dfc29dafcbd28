"""Pictures of every display in every host and theme.

displays.py   what is shown: one estimate of each kind
hosts.py      where: JupyterLab, marimo, nbconvert, a terminal; each takes its own pictures
terminal.py   a real terminal of 80 columns, and its screen as a page
files.py      what is kept: small PNG files, and a page that shows them
__main__.py   the command
"""
