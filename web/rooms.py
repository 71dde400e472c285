"""Eight hundred handlers put into the application in one go.

Litestar asks for the map of all its routes with each path that is registered, makes it anew each time, and walks the
whole tree of paths after each handler: with as many as ours a start took two seconds longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from litestar import Router
from litestar.handlers import BaseRouteHandler
from litestar.routes import BaseRoute, HTTPRoute, WebSocketRoute

Handlers = dict[str, BaseRouteHandler]
"""By method, or under ``websocket`` or ``asgi``: what answers at one path."""


class ByPath(Mapping[str, Handlers]):
    """The handlers of each path in a list of routes, looked up when they are asked for: the list may grow meanwhile."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = routes
        self._at: dict[str, list[int]] = {}
        self._seen = 0

    def _places(self) -> dict[str, list[int]]:
        for n in range(self._seen, len(self.routes)):
            self._at.setdefault(self.routes[n].path, []).append(n)
        self._seen = len(self.routes)
        return self._at

    def __getitem__(self, path: str) -> Handlers:
        found: Handlers = {}
        for n in self._places()[path]:
            route = self.routes[n]
            if isinstance(route, HTTPRoute):
                found |= {method: one for one in route.route_handlers for method in one.http_methods}
            else:
                found["websocket" if isinstance(route, WebSocketRoute) else "asgi"] = route.route_handler  # type: ignore[attr-defined]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places())

    def __len__(self) -> int:
        return len(self._places())


class Quick(Router):
    """A router that keeps its map of paths instead of making it anew."""

    _by_path: ByPath | None = None

    def __deepcopy__(self, _memo: object) -> Self:
        """Litestar copies whatever is put into a router: this one was made for one application, and costs much."""
        return self

    @property
    def route_handler_method_map(self) -> ByPath:  # type: ignore[override] # read only, by Litestar too
        """The handlers of each path."""
        if self._by_path is None or self._by_path.routes is not self.routes:
            self._by_path = ByPath(self.routes)
        return self._by_path
