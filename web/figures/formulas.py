"""How each figure is counted: what over what, and whose rule it is."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from hotline import city
from sla.measures import MEASURES, STANDARD
from web.figures.boards import NEEDS
from web.render import render


@get("/figures/measures", opt={"needs": NEEDS}, sync_to_thread=False)
def index(request: Request[Any, Any, Any]) -> Response[Any]:
    """The list of measures."""
    return render(
        request, "figures/measures.html", region="#main", measures=MEASURES, standard=STANDARD,
        counted=str(city.current().rule("rating.counted")).split(),
    )  # fmt: skip


ROUTES = [index]
