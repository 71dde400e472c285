"""What anybody reads: the public issues, one of them, its files, and their feed."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath
from markupsafe import Markup

from hotline import db
from hotline.permissions import PUBLIC
from sla import bulletin_files, bulletin_html, bulletin_lists
from sla.bulletins import KINDS, BulletinRow
from web import atom as feeds
from web.bulletins import common
from web.bulletins.common import PATH, AnyRequest
from web.filters import moment_in
from web.render import preference, render

OPEN = f"{PATH}/public"


@get(OPEN, opt={"needs": PUBLIC})
async def listed(request: AnyRequest) -> Response[str]:
    """Newest first, by kind."""
    kind = str(request.query_params.get("kind", ""))
    kind = kind if kind in KINDS else ""
    before = moment_in(str(request.query_params.get("before", "")))
    async with db.reading() as connection:
        found = await bulletin_lists.public_page(connection, kind=kind, before=before, size=bulletin_lists.SIZE + 1)
    shown, more = found[: bulletin_lists.SIZE], found[bulletin_lists.SIZE :]
    older = f"{OPEN}?kind={kind}&before={shown[-1].issued_at.isoformat()}" if more and shown[-1].issued_at else ""
    return render(request, "bulletins/public_list.html", region="#r-list", issues=shown, kind=kind, kinds=KINDS,
                  older=older.replace("+", "%2B"))  # fmt: skip


@get(f"{OPEN}/feed.xml", opt={"needs": PUBLIC})
async def atom(request: AnyRequest) -> Response[bytes]:
    """The latest public issues as Atom."""
    async with db.reading() as connection:
        found = await bulletin_lists.public_page(connection)
    return feeds.answer(request, OPEN, "12345 通报", map(_entry, found))


def _entry(row: BulletinRow) -> feeds.Entry:
    at = row.issued_at or row.changed_at
    return feeds.Entry(
        id=f"urn:uuid:{row.id}", path=f"{OPEN}/{row.slug}", title=f"{row.number} {row.title.zh}", at=at, published=at,
        summary=row.title.zh, category=(row.kind, KINDS[row.kind].zh),
    )  # fmt: skip


@get(f"{OPEN}/{{slug:str}}", opt={"needs": PUBLIC})
async def one(request: AnyRequest, slug: FromPath[str]) -> Response[str]:
    """An issue as it was frozen; one that was corrected says by which."""
    async with db.reading() as connection:
        row = await bulletin_lists.public_one(connection, slug)
        related = await bulletin_lists.related(connection, row)
        renderings = await bulletin_lists.files_known(connection, row.id)
    lang = preference(request, "lang")
    article = bulletin_html.article(row.document, lang, row.hash.hex() if row.hash else "")
    return render(
        request, "bulletins/public_one.html", row=row, related=related, renderings=renderings,
        links=common.file_links(f"{OPEN}/{slug}"),
        article=Markup(article),  # noqa: S704 - it escapes every text
    )  # fmt: skip


@get(f"{OPEN}/{{slug:str}}/{{lang:str}}/{{form:str}}", opt={"needs": PUBLIC})
async def download(slug: FromPath[str], lang: FromPath[str], form: FromPath[str]) -> Response[bytes]:
    """One file of a public issue."""
    async with db.reading() as connection:
        row = await bulletin_lists.public_one(connection, slug)
    return common.sent(await bulletin_files.made(row, form, lang), is_public=True)


ROUTES = [listed, atom, one, download]
