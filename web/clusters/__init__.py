"""Clusters and mass requests, with their special report."""

from __future__ import annotations

from web.clusters import acts, pages

ROUTES = [pages.index, pages.show, pages.on_paper, acts.merge, acts.take_out, acts.dismiss, acts.report]

__all__ = ["ROUTES"]
