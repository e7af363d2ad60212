"""Sphinx: the pages in docs/ and the Markdown files of the repository, as one site.

The repository itself is the source directory, so that links between these files work in the
repository as well as on the site. Nothing is fetched from anywhere while it is built or read.
"""

from __future__ import annotations

from buildd import __version__

project = "buildd"
project_copyright = "the authors of buildd"
version = release = __version__

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "protocol.md",
    "clients/*/README.md",
]
exclude_patterns = [".*", "**/node_modules"]

# A link or a heading that does not exist is a warning, and `make docs` makes warnings errors.
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
# One file per document has its own title; its headings need not begin at the first level.
suppress_warnings = ["myst.header"]

html_theme = "furo"
html_title = f"buildd {version}"
html_show_sphinx = False
html_copy_source = False
html_extra_path = ["index.html"]
html_theme_options: dict[str, object] = {"top_of_page_buttons": []}
html_static_path = ["static"]
html_css_files = ["buildd.css"]
pygments_style = "default"
