"""Copies htmx and ECharts out of Python packages into the web's static files: no Node, no CDN, no third-party script.

Runs for every wheel, editable ones too. The hashes are the review: a changed file does not get in unseen.
"""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "web/static/vendor"
ASSETS = (
    # distribution, file inside it, name here, sha256
    (
        "django-htmx",
        "django_htmx/static/django_htmx/htmx-2.min.js",
        "htmx.min.js",
        "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de",
    ),
    (
        "django-htmx",
        "django_htmx/static/django_htmx/ext/hx-sse-2.min.js",
        "htmx-sse.min.js",
        "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
    ),
    (
        "instaui-echarts",
        "instaui_echarts/static/echarts.esm.min.js",
        "echarts.esm.min.js",
        "28515f26aa57f87eb1e4ed4eb446927eaf329b5f5e02b4bfd4b0264fea40d1da",
    ),
)


def copy_assets(root: Path) -> None:
    """Copy every asset below ``root``. Raises RuntimeError for a file whose hash is not the pinned one."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for distribution, path, name, pinned in ASSETS:
        data = Path(str(metadata.distribution(distribution).locate_file(path))).read_bytes()
        found = hashlib.sha256(data).hexdigest()
        if found != pinned:
            raise RuntimeError(f"{distribution}: {path} has sha256 {found}, pinned is {pinned}")
        (folder / name).write_bytes(data)


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Copy the assets into the working copy; the wheel takes them from there."""
        if self.target_name == "wheel":
            copy_assets(Path(self.root))
