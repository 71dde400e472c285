"""An installation for machines without any network: one tar with wheels, checksums and a script that installs them.

python deploy/bundle.py [--out dist] [--python python3.11]

Wheels are for the platform and Python of this machine; make it on one like those it is for.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTALL = """#!/bin/sh
# Installs Hotline into a folder of its own; needs python3 and nothing else, no network and no rights of root.
# An installation that is there already is kept beside it as /opt/hotline-old.
#   sh install.sh /opt/hotline
set -eu
here=$(cd "$(dirname "$0")" && pwd)
into=${1:-/opt/hotline}
into=${into%/}
python=${PYTHON:-python3}
if [ -e "$into" ] && [ ! -f "$into/pyvenv.cfg" ] && [ -n "$(ls -A "$into")" ]; then
  echo "$into 里有别的东西，没有动它：换一个空的或新的文件夹"
  echo "There is something else in $into; nothing was touched. Name an empty or a new folder."; exit 1
fi
if [ -e "$into/var" ]; then
  echo "$into/var 里有数据，没有动它：先停下，移到别处，再用 HOTLINE_DATA_DIR 指明"
  echo "There are data in $into/var; nothing was touched. Stop, move them elsewhere, name them in HOTLINE_DATA_DIR."
  exit 1
fi
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (@MAJOR@, @MINOR@))' || {
  echo "这个安装包要 Python @MAJOR@.@MINOR@，用 PYTHON=... 指定"
  echo "This bundle wants Python @MAJOR@.@MINOR@: name it with PYTHON=..."; exit 1; }
(cd "$here" && sha256sum --quiet -c SHA256SUMS) || {
  echo "安装包不完整，请重新拷贝 / the bundle is damaged: copy it again"; exit 1; }
if [ -f "$into/pyvenv.cfg" ]; then
  old="$into-old"
  [ ! -e "$old" ] || old="$into-old-$(date +%Y%m%d%H%M%S)"
  mv "$into" "$old"
  echo "原来的留在 $old / the one before is kept in $old"
fi
"$python" -m venv --without-pip "$into"
pip=$(ls "$here"/wheels/pip-*.whl)
"$into/bin/python" "$pip/pip" install --quiet --no-index --no-deps --no-cache-dir "$here"/wheels/*.whl
cp -r "$here/deploy" "$into/deploy"
"$into/bin/hotline" --version
echo "装好了：$into/bin/hotline up / installed: $into/bin/hotline up"
"""


def run(*words: object) -> None:
    """Run a program, or end with its failure."""
    subprocess.run([str(one) for one in words], check=True, cwd=ROOT)


def make(out: Path) -> Path:
    """Gather the wheels of the locked set and of this tree; returns the tar."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    with tempfile.TemporaryDirectory() as aside:
        name = f"hotline-{version()}-py{sys.version_info[0]}{sys.version_info[1]}"
        home = Path(aside) / name
        wheels = home / "wheels"
        wheels.mkdir(parents=True)
        run(*pip, "wheel", "--no-deps", "--require-hashes", "--ignore-requires-python", "-w", wheels,
            "-r", "requirements.lock")  # fmt: skip
        run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", wheels, ".")
        run(*pip, "wheel", "--no-deps", "-w", wheels, "pip")
        shutil.copytree(ROOT / "deploy", home / "deploy", ignore=shutil.ignore_patterns("__pycache__", "bundle.py"))
        text = INSTALL.replace("@MAJOR@", str(sys.version_info[0])).replace("@MINOR@", str(sys.version_info[1]))
        (home / "install.sh").write_text(text, encoding="utf-8")
        (home / "install.sh").chmod(0o755)
        files = sorted(one for one in home.rglob("*") if one.is_file())
        sums = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(home)}\n" for one in files]
        (home / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
        out.mkdir(parents=True, exist_ok=True)
        target = out / f"{name}.tar"
        with tarfile.open(target, "w") as tar:
            tar.add(home, name)
    return target


def version() -> str:
    """The version of this tree."""
    sys.path.insert(0, str(ROOT))
    from hotline import __version__

    return __version__


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    made = make(parser.parse_args().out)
    print(f"{made}  {made.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
