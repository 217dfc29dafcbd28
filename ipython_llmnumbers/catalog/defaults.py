"""What is meant where nothing else is said."""

from __future__ import annotations

# A model in use whose vocabulary is published and whose end nobody has announced; `tests/test_price_life.py`
# holds that. The settings of the live line in JupyterLab (live/labextension/schemas) repeat it.
DEFAULT_MODEL = "gpt-5.4"
