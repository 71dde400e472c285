"""`hotline up`: one command, everything runs; it ends cleanly, comes back, and a second one does no harm."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hotline import child, clock, place, processes, settings, up
from hotline.settings import Settings
from hotline.simulate import fixed
from tests.houses import House, command


def ended(house: House, how: signal.Signals) -> None:
    """End it with a signal: exit code 0, and nothing of it is left."""
    members = house.members()
    assert len(members) >= 8, "up, web, worker, Valkey, PostgreSQL and its helpers"
    assert house.end(how) == 0
    assert not [pid for pid in members if processes.is_running(pid)]
    assert not (house.data / "up.json").exists()


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder that was made by a first `hotline up`, ended by closing its terminal."""
    place = Path(tempfile.mkdtemp(prefix="hlu"))
    place.chmod(0o711)
    house = House(place / "d")
    house.read_until("坐席 / Agent")
    ended(house, signal.SIGHUP)
    (place / "first").write_text("\n".join(house.lines))
    yield place / "d"
    shutil.rmtree(place, ignore_errors=True)


def test_the_first_start_says_ready_once_with_the_accounts(data: Path) -> None:
    lines = (data.parent / "first").read_text().splitlines()
    assert len([line for line in lines if line.startswith("ready http://127.0.0.1:")]) == 1
    assert [line for line in lines if re.search(r"agent .*坐席 / Agent", line)]


def test_keys_lie_beside_the_data_and_are_private(data: Path) -> None:
    keys = data.with_name("d-keys")
    assert keys.stat().st_mode & 0o777 == 0o700
    assert not list(data.rglob("keys.json"))


@pytest.fixture(scope="class")
def house(data: Path) -> Iterator[House]:
    """A second start on these data, ended by Ctrl-C."""
    one = House(data)
    yield one
    ended(one, signal.SIGINT)


class TestARunningHouse:
    """What is true while it runs, on one and the same start."""

    def test_a_second_start_finds_its_data_and_serves(self, house: House) -> None:
        assert house.seconds < 30, "5 s on an idle machine is measured in bench/; here others run too"
        assert httpx.get(house.address, follow_redirects=True).status_code == 200
        assert not [line for line in house.lines if "schema" in line or "the city" in line]

    def test_a_second_house_on_the_same_data_is_told_where_the_first_is(self, house: House) -> None:
        second = command("up", "--data", str(house.data), "--port", "0")
        assert second.returncode == 1
        assert house.address in second.stderr
        assert "nothing was touched" in second.stderr
        assert "Traceback" not in second.stderr
        assert httpx.get(house.address, follow_redirects=True).status_code == 200

    def test_the_singles_work_beside_it(self, house: House) -> None:
        the_singles_work(house.data)

    @pytest.mark.parametrize("name", ["web", "worker"])
    def test_a_child_that_dies_is_started_again(self, house: House, name: str) -> None:
        def child() -> list[int]:
            return [pid for pid in house.members() if processes.is_running(pid, "-m", "hotline", name)]

        assert processes.wait_until(lambda: len(child()) == 1, 20)
        first = child()
        os.kill(first[0], signal.SIGKILL)
        assert processes.wait_until(lambda: child() not in ([], first), 20)
        if name == "web":
            assert httpx.get(house.address, follow_redirects=True, timeout=20).status_code == 200


def the_singles_work(data: Path) -> None:
    """Two of the commands that need the servers."""
    migrated = command("migrate", "--data", str(data))
    assert (migrated.returncode, migrated.stdout) == (0, "0 步 / steps\n"), migrated.stderr
    seen = command("doctor", "--data", str(data))
    assert "✗" not in seen.stdout, seen.stdout
    assert seen.returncode == 0


def test_the_singles_work_on_a_house_that_rests(data: Path) -> None:
    the_singles_work(data)


def test_when_it_is_killed_everything_below_it_ends_and_the_next_start_works(data: Path) -> None:
    house = House(data)
    members = house.members()
    house.process.kill()
    house.process.communicate(timeout=30)
    assert processes.wait_until(lambda: not [pid for pid in members if processes.is_running(pid)], 30)
    again = House(data)
    assert httpx.get(again.address, follow_redirects=True).status_code == 200
    ended(again, signal.SIGTERM)


def test_a_person_is_added_by_command(data: Path) -> None:
    given = ("--name", "赵六", "--role", "agent", "--password", "a-long-enough-one")
    done = command("person", "add", "zhaoliu", "--data", str(data), *given)
    assert done.returncode == 0, done.stderr
    again = command("person", "add", "zhaoliu", "--data", str(data), *given)
    assert again.returncode == 1
    assert "That login is taken" in again.stderr
    assert "Traceback" not in again.stderr


def test_what_runs_is_watched_while_the_stories_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Dying(child.Child):
        def tend(self) -> str | None:
            return "web ended"

    said: list[str] = []
    one = Settings(data_dir=tmp_path)
    monkeypatch.setattr(up, "_seeding", lambda *_: subprocess.Popen(["sleep", "0.4"]))
    up._tell_stories(one, [Dying("web", [], one)], said.append)
    assert "web ended" in said
    assert "the demo's cases  " in said[-1]


def test_a_log_that_grows_long_is_begun_anew_while_its_process_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = child.Child("web", [], Settings(data_dir=tmp_path))
    monkeypatch.setattr(child, "_LOG_LIMIT", 10)
    with one.log.open("ab") as log:
        one.process = subprocess.Popen(["sh", "-c", "echo a long line; read x; echo after"], stdin=subprocess.PIPE,
                                       stdout=log)  # fmt: skip
    assert processes.wait_until(lambda: one.log.read_bytes() != b"", 10)
    assert one.tend() is None
    one.process.communicate(b"\n", timeout=10)
    assert one.log.read_text() == "after\n"
    assert (tmp_path / "web.old.log").read_text() == "a long line\n"


def test_a_web_process_that_speaks_tls_is_found_ready(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    told = settings.read({"HOTLINE_TLS_CERT": str(cert), "HOTLINE_TLS_KEY": str(key)})
    assert settings.read(place.environment(told)).secure_cookies, "its children's too"
    assert fixed.lent(told).public_url.startswith("https://")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            assert up._answers(Settings(tls_cert=str(cert), tls_key=str(key)), server.server_port)
        finally:
            server.shutdown()
            thread.join()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), clock.now()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    cert, private = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    return cert, private


def test_real_work_on_the_built_in_servers_must_be_meant(tmp_path: Path) -> None:
    refused = command("up", "--data", str(tmp_path / "d"), "--no-demo")
    assert refused.returncode == 1
    assert "--embedded-ok" in refused.stderr
    assert not (tmp_path / "d").exists()


def test_only_one_of_the_two_addresses_is_refused(tmp_path: Path) -> None:
    refused = command("up", "--data", str(tmp_path / "d"), DATABASE_URL="postgresql://x@/y")
    assert refused.returncode == 1
    assert "or neither" in refused.stderr


def test_a_port_in_use_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = command("up", "--data", str(tmp_path / "d"), "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert "cannot be used" in refused.stderr
    assert not (tmp_path / "d").exists()


def test_a_command_on_a_folder_without_data_says_what_to_do(tmp_path: Path) -> None:
    refused = command("migrate", "--data", str(tmp_path / "none"))
    assert refused.returncode == 1
    assert "run `hotline up` first" in refused.stderr


def test_lost_keys_are_never_replaced_in_silence(data: Path) -> None:
    keys, aside = data.with_name("d-keys"), data.with_name("aside")
    keys.rename(aside)
    try:
        refused = command("up", "--data", str(data), "--port", "0")
        assert refused.returncode == 1
        assert not keys.exists()
        assert "Put back the keys" in refused.stderr
        assert "Traceback" not in refused.stderr
    finally:
        aside.rename(keys)


def test_the_help_names_every_command_in_both_languages() -> None:
    told = command("--help").stdout
    for name in ("up", "web", "worker", "migrate", "seed", "person", "import", "verify", "rebuild", "doctor", "backup"):
        assert re.search(rf"^  {name} .*[\u4e00-\u9fff].*[a-z]", told, re.MULTILINE), name
