"""Programs of our own that check an export with other people's implementations of the specifications."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SOURCES = sorted(map(str, (Path(__file__).parent / "go").glob("*.go")))
_PACKAGES = Path("/usr/share/gocode")  # where Debian's golang-golang-x-mod-dev puts them


def build_go_judge(folder: Path) -> Path:
    """Compile the Go judge; without the compiler or its package the test is skipped, and says what to install."""
    if shutil.which("go") is None:
        pytest.skip("No Go here: install golang-go and golang-golang-x-mod-dev to run the judge.")
    if not (_PACKAGES / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("No golang.org/x/mod here: install golang-golang-x-mod-dev to run the judge.")
    program = folder / "judge"
    variables = {"GO111MODULE": "off", "GOPATH": str(_PACKAGES), "GOCACHE": str(folder / "cache")}
    command = ["go", "build", "-o", str(program), *_SOURCES]
    subprocess.run(command, check=True, env=os.environ | variables)
    return program


def ask(program: Path, folder: Path) -> tuple[int, str]:
    """The judge's exit code and its sentence."""
    done = subprocess.run([str(program), str(folder)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip() + done.stderr.strip()
