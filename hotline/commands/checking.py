"""`hotline verify-proof`: a citizen's proof of their case checked offline, as with the verifier that they download."""

from __future__ import annotations

from pathlib import Path

import click

_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("verify-proof")
@click.argument("file", type=_file)
@click.option("--roots", type=_file, help="公布的封签 / the published roots")
@click.option("--keys", type=_file, help="公布的公钥 / the published public keys")
@click.option("--earlier", type=_file, help="以前的凭证 / an earlier proof of the same case")
def verify_proof(file: Path, roots: Path | None, keys: Path | None, earlier: Path | None) -> None:
    """离线查验办理记录的凭证；不对以 1 结束。/ Check a proof of a case's history offline; 1 when it is not true."""
    from cases import offline

    given = {"--roots": roots, "--keys": keys, "--earlier": earlier}
    words = [str(word) for option, path in given.items() if path is not None for word in (option, path)]
    raise SystemExit(offline.main([str(file), *words]))


COMMANDS = {"verify-proof": verify_proof}
