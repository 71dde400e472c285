"""Events of merging, unmerging and splitting."""

from __future__ import annotations
