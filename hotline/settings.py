"""What an installation may set, read once from the environment into one frozen struct."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One installation's settings; every field has an environment variable of the same name in capitals.

    ``database_url`` is the application's own role, which owns no table (rules.md 5); ``owner_url`` is the role
    that migrates. Both empty means the embedded PostgreSQL under ``data_dir``.
    """

    database_url: str = ""
    owner_url: str = ""
    redis_url: str = ""
    data_dir: Path = Path("var/data")
    key_dir: Path = Path("var/keys")
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    secure_cookies: bool = False
    pool_size: int = 10
    web_processes: int = 1
    upload_limit: int = 10 * 1024 * 1024
    demo_cases: bool = True
    """Whether the demo city starts with its invented cases: a test that needs none starts in seconds."""
    proxies: str = ""
    """Addresses or networks of the reverse proxies whose X-Forwarded lines count, by spaces; ``unix`` for a socket."""
    side: str = "all"
    """Which routes this web process serves: ``public``, ``staff`` or ``all``."""
    tls_cert: str = ""
    tls_key: str = ""
    """Files with which the web process speaks TLS itself; empty: a reverse proxy does."""
    certificates: str = ""
    """Certificate files of a proxy on this machine, by commas: their end is watched."""
    backup_dir: str = ""
    """Where scheduled backups go; empty: none are made by themselves."""
    twilio_account: str = ""
    twilio_token: str = ""
    twilio_second_token: str = ""
    """The secondary token, good while the first is being exchanged."""
    twilio_signing_keys: str = ""
    """``id:secret`` pairs by spaces: shared keys of the HMAC-SHA256 signatures."""
    twilio_number: str = ""
    """The number that texts are sent from and that the centre's calls show."""
    twilio_url: str = "https://api.twilio.com"
    wechat_app: str = ""
    wechat_account: str = ""
    """The official account's own id, ``gh_…``: to whom its messages are addressed."""
    wechat_secret: str = ""
    wechat_token: str = ""
    wechat_aes_key: str = ""
    """EncodingAESKey, 43 characters; empty in plain mode."""
    wechat_template: str = ""
    wechat_url: str = "https://api.weixin.qq.com"
    simulate_url: str = ""
    """Where `hotline simulate` plays the providers: a demo city without real ones sends there; ``off``: it does not."""
    email_from: str = ""
    smtp_url: str = ""
    """``smtps://user:password@host:465`` or ``smtp://host:25``."""
    imap_url: str = ""
    """``imaps://user:password@host:993/INBOX``."""
    oidc_issuer: str = ""
    """Single sign-on: the provider's issuer, https; empty: there is none. See docs/operations.md."""
    oidc_client: str = ""
    oidc_secret: str = ""
    oidc_claim: str = "preferred_username"
    """The claim that holds the login of the person here."""
    oidc_name: str = ""
    """How the provider is called on the sign-in page; empty: 统一认证."""
    oidc_return: str = ""
    """The address of this site for the provider, if staff reach it elsewhere than at public_url."""
    oidc_only: bool = False
    """No sign-in by password but for administrators of break_glass."""
    break_glass: str = ""
    """Logins by blanks that may still sign in by password while oidc_only holds, if they are administrators."""
    time_shift: float = 0.0
    """Seconds added to the clock of this process: drills and tests only."""

    @property
    def scheme(self) -> str:
        """By which the web process itself is spoken to."""
        return "https" if self.tls_cert else "http"

    @property
    def standin(self) -> str:
        """Where the stand-in of `hotline simulate` is reached, if anything is sent there; else an empty text."""
        where = self.simulate_url.rstrip("/")
        return where if where and where in {self.twilio_url.rstrip("/"), self.wechat_url.rstrip("/")} else ""

    @property
    def files_dir(self) -> Path:
        """Where attachments lie: inside the data folder, never inside the web root."""
        return self.data_dir / "files"

    @property
    def spool_dir(self) -> Path:
        """Where providers' messages wait, encrypted, while PostgreSQL is away (rules.md 4)."""
        return self.data_dir / "spool"

    @property
    def ledger_dir(self) -> Path:
        """Where signed ledger roots are written outside the database (rules.md 5)."""
        return self.data_dir / "ledger"


_PREFIXES = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL", "owner_url": "DATABASE_OWNER_URL"}


def read(env: dict[str, str] | None = None) -> Settings:
    """Read settings from ``env`` (the process environment by default): HOTLINE_DATA_DIR, DATABASE_URL.

    Raises msgspec.ValidationError with the field's name when a value cannot be read.
    """
    source = dict(os.environ) if env is None else env
    given: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        name = _PREFIXES.get(field.name, f"HOTLINE_{field.name.upper()}")
        if source.get(name):
            given[field.name] = source[name]
    if "tls_cert" in given:
        given.setdefault("secure_cookies", True)  # here, once: what a child inherits looks as if somebody had said so
    return msgspec.convert(given, Settings, strict=False, dec_hook=_path)


def _path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).expanduser()
    raise NotImplementedError(kind)


_current: Settings | None = None


def current() -> Settings:
    """The settings of this process, read on first use."""
    global _current  # one process, one configuration
    if _current is None:
        _current = read()
    return _current


def use(settings: Settings) -> None:
    """Replace the settings of this process (the command line and tests do this before anything starts)."""
    global _current
    _current = settings
