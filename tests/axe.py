"""Axe on a page in a real Chromium: every rule on every element, contrast once for elements that look alike."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python

if TYPE_CHECKING:
    from playwright.async_api import Page

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_ONCE = """
(() => {
  const rule = axe._audit.rules.find(one => one.id === 'color-contrast');
  const asks = rule.matches, seen = new Set();
  let chains = new WeakMap();
  axe.anew = () => { chains = new WeakMap(); };
  const chain = node => {
    if (!(node instanceof Element)) return '';
    if (!chains.has(node)) {
      const s = getComputedStyle(node);
      chains.set(node, [chain(node.parentNode), node.tagName, node.getAttribute('class'), s.backgroundColor,
        s.backgroundImage, s.opacity, s.filter, s.mixBlendMode, s.position].join('|'));
    }
    return chains.get(node);
  };
  rule.matches = function (node, ...more) {
    if (!asks.call(this, node, ...more)) return false;
    const s = getComputedStyle(node);
    const look = [chain(node), s.color, s.fontSize, s.fontWeight, s.textShadow, node.type].join('|');
    if (seen.has(look)) return false;
    seen.add(look);
    return true;
  };
})()
"""
"""Contrast is four fifths of axe's time, and the hundredth row of a table has the colours of the first.

Alike: the same element with the same classes, colours and font in the same chain of elements, classes and backgrounds.
On a page that became narrower, or changed, without being loaded again, only what looks different since is asked again.
"""


async def violations(page: Page, **options: Any) -> list[dict[str, Any]]:
    """What axe finds wrong with the page as it stands now, every impact."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_AXE + _ONCE)
    found = await page.evaluate(
        "async options => { axe.anew(); return (await axe.run(document, options)).violations; }",
        {"resultTypes": ["violations"], **options},
    )
    return list(found)
