"""Pictures and measures of every display in every host and theme.

displays.py     what is shown: one estimate of each kind
notebooks.py    the notebooks that hold them
hosts.py        where: the table of hosts
servers.py      JupyterLab, Notebook 7, ipywidgets' Output, marimo
converted.py    nbconvert's page, slides and PDF; what GitHub's rules leave
vscode.py       VS Code in a browser, which code_server.sh installs
terminal.py     a real terminal of 80 columns, and its screen as a page
shown.py        an open page: its pictures, its measures
files.py        what is kept: small PNG files, and a page that shows them
__main__.py     the command
"""
