"""The configuration of Sphinx for the documentation site.

    python -m sphinx -W --keep-going -b html docs build/site

Warnings are errors. The extension in docs/_ext writes the reference of encoders, layers and specs
from the declarations.
"""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "netencoders"
author = "The netencoders developers"
copyright = "The netencoders developers"  # noqa: A001 - the name that Sphinx reads
version = release = installed_version("netencoders")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_copybutton",
    "pages_outside",
    "declarations",
]
smartquotes = False  # values in quotes are copied
exclude_patterns = ["_ext"]
html_theme = "furo"
html_title = f"netencoders {release}"
html_copy_source = False

# Anchors of headings are those of GitHub, so that a link works there and on the site.
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]  # the anchors of the rules in decisions.md
nitpicky = True
# Types in docstrings, such as "sequence of str", are prose. Links between pages are not ignored.
nitpick_ignore_regex = [("py:.*", ".*")]

default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc shows the types that the docstring states
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# A copied example has no prompts and no output.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
