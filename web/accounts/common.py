"""What the pages of accounts share: who is signed in, by which door codes go, where the visitor came from."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.connection import ASGIConnection

from channels import outbox
from hotline.accounts import Account
from hotline.errors import Refusal, Say
from web import access
from web.forms import Form
from web.public.pass_cookie import UNSTORED
from web.render import render, see_other

AnyRequest = Request[Any, Any, Any]
SECRET = ("password", "old", "code")


def has_sms() -> bool:
    """Whether codes can be sent; without an SMS door the clerk confirms numbers at the counter."""
    return "sms" in outbox.SENDERS


def address_of(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address that asks."""
    return request.client.host if request.client else ""


def device_of(request: AnyRequest) -> str:
    """What kind of device it is, for the list of sessions; nothing more is kept of it."""
    return "phone" if "mobi" in request.headers.get("user-agent", "").lower() else "computer"


def signed_in(request: AnyRequest) -> Account:
    """The account of a post. Raises the 401 refusal that keeps what was typed."""
    account = access.known_account(request.scope)
    if account is None:
        say = Say(
            "登录已到期，内容还在。请在新窗口登录，再回来提交。",
            "You are signed out. What you wrote is kept: sign in in a new window, then send it again.",
        )
        raise Refusal(401, "account_signed_out", say)
    return account


def sign_in_first(request: AnyRequest) -> Response[str]:
    """To the sign-in page, and back to this address afterwards."""
    return see_other(request, f"/account/sign-in?{urlencode({'next': request.url.path})}")


def shown(
    request: AnyRequest, template: str, form: Form[Any] | None = None, *, status: int = 200, **context: Any
) -> Response[str]:
    """A page of an account: never stored; a form that comes back has lost its secrets, nothing else."""
    if form is not None and status != 200:
        for name in SECRET:
            form.typed.pop(name, None)
    return render(
        request, f"accounts/{template}.html", region="#r-account", status=status, headers=UNSTORED,
        focus="#r-errors" if status != 200 else "", form=form, has_sms=has_sms(), **context,
    )  # fmt: skip


def back(
    request: AnyRequest, template: str, form: Form[Any], refusal: Refusal | None = None, **context: Any
) -> Response[str]:
    """The form again with what is wrong beside its fields, under the refusal's own status."""
    if refusal is not None:
        form.take(refusal)
    status = refusal.status if refusal is not None else 422
    return shown(request, template, form, status=status, **context)
