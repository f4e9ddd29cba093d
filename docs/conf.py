"""How Sphinx builds the documentation: `python3 dev.py docs`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from jsonschema_tools import __version__

project = "jsonschema-tools"
author = "the jsonschema-tools authors"
release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_click",
    "sphinx_copybutton",
    "registries",
]
exclude_patterns = ["_ext"]
nitpicky = False  # types of other libraries have no inventory that can be read offline

myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "jsonschema-tools"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
copybutton_prompt_text = "$ "

if repository := os.environ.get("GITHUB_REPOSITORY"):  # links to the source, where it is known
    html_theme_options = {
        "source_repository": f"https://github.com/{repository}/",
        "source_branch": "main",
        "source_directory": "docs/",
    }
