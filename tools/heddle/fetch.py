# SPDX-License-Identifier: BSD-2-Clause
"""Fetches what the host's apt cannot install: GRUB of the other architecture and Debian source packages.

A private apt (own state, cache and source list, all under build/cache) does it, with the system's own sources, keys and proxy
settings; nothing outside the build folder changes. What has been unpacked once is not looked for again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from . import apt_sources
from .output import HeddleError, say, step
from .packages import host_debian_architecture
from .paths import CACHE

_APT_HOME = CACHE / "apt"
_TIMEOUT_SECONDS = 600
_LISTS_FRESH_SECONDS = 3600  # older lists name files that may be gone
# Debian source packages that hold libfdt, and where. The first is its home; the second (a copy kept in step with it) serves
# where a mirror does not hold the first.
_LIBFDT_SOURCES = (
    ("device-tree-compiler", ("libfdt",)),
    ("arm-trusted-firmware", ("lib/libfdt", "include/lib/libfdt")),
)


def grub_modules(package: str, platform: str, architecture: str) -> Path:
    """The directory of GRUB's modules for `platform`, from the system or else from `package` of `architecture`."""
    installed = Path("/usr/lib/grub") / platform
    if (installed / "kernel.img").is_file():
        return installed
    unpacked = _once(CACHE / package, lambda target: _unpack_binary(f"{package}:{architecture}", target))
    return unpacked / "usr/lib/grub" / platform


def libfdt() -> Path:
    """The directory with libfdt's sources and headers, out of a Debian source package."""
    return _once(CACHE / "libfdt", _fill_libfdt)


def _fill_libfdt(target: Path) -> None:
    failures = []
    for package, directories in _LIBFDT_SOURCES:
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            try:
                sources = _unpack_source(package, Path(scratch))
            except HeddleError as error:
                say(f"source package {package} cannot be had here")
                failures.append(str(error))
                continue
            for directory in directories:
                for path in (sources / directory).glob("*.[ch]"):
                    shutil.copy(path, target / path.name)
            (target / "SOURCE").write_text(f"{package}\n")
            return
    raise HeddleError("libfdt could not be fetched:\n" + "\n".join(failures))


def _once(target: Path, fill: Callable[[Path], None]) -> Path:
    """Fills a new directory and renames it to `target` when complete, so that a broken download leaves nothing."""
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        with step(f"fetching {target.name} into {target.parent}"):
            fill(partial)
        partial.chmod(0o755)
        partial.rename(target)
    except OSError:
        if not target.is_dir():  # else another run of the command was faster, with the same files
            raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _unpack_binary(package: str, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=CACHE) as downloads:
        _apt_get("download", package, cwd=Path(downloads))
        archives = list(Path(downloads).glob("*.deb"))
        if len(archives) != 1:
            raise HeddleError(f"apt-get download {package} brought {len(archives)} archives instead of one")
        _tool(["dpkg-deb", "-x", str(archives[0]), str(target)], cwd=Path(downloads))


def _unpack_source(package: str, scratch: Path) -> Path:
    """Downloads and unpacks a source package below `scratch`; returns the top of its sources."""
    _apt_get("source", "--download-only", package, cwd=scratch)
    descriptions = list(scratch.glob("*.dsc"))
    if len(descriptions) != 1:
        raise HeddleError(f"apt-get source {package} brought {len(descriptions)} descriptions instead of one")
    # apt has checked the files against the signed index; dpkg-source would look for keys of single persons.
    _tool(["dpkg-source", "--no-check", "-x", descriptions[0].name, "unpacked"], cwd=scratch)
    return scratch / "unpacked"


def _apt_get(*arguments: str, cwd: Path) -> None:
    options = _private_options()
    marker = _APT_HOME / "updated"
    if not marker.exists() or time.time() - marker.stat().st_mtime > _LISTS_FRESH_SECONDS:
        _tool(["apt-get", *options, "update", "-q"], cwd=cwd, tolerate_failure=True)  # one bad source need not matter
        marker.touch()
    _tool(["apt-get", *options, "-q", *arguments], cwd=cwd)


def _private_options() -> list[str]:
    """apt's options for the private state."""
    host = host_debian_architecture()
    foreign = "amd64" if host == "arm64" else "arm64"
    for directory in ("state/lists/partial", "cache/archives/partial"):
        (_APT_HOME / directory).mkdir(parents=True, exist_ok=True)
    status = _APT_HOME / "state" / "status"
    status.touch()
    sources = _APT_HOME / "heddle.sources"
    text = apt_sources.derive(apt_sources.read_system(), foreign=foreign, host=host)
    if not text:
        raise HeddleError("the system has no apt sources (in /etc/apt) to fetch packages from")
    if not sources.exists() or sources.read_text() != text:
        sources.write_text(text)
        (_APT_HOME / "updated").unlink(missing_ok=True)
    settings = {
        "Dir::State": _APT_HOME / "state",
        "Dir::State::status": status,
        "Dir::Cache": _APT_HOME / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "APT::Architecture": host,
        "APT::Architectures": f"{host},{foreign}",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
    }
    options = [word for name, value in settings.items() if value != "" for word in ("-o", f"{name}={value}")]
    return options


def _tool(command: list[str], *, cwd: Path, tolerate_failure: bool = False) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        raise HeddleError(f"{command[0]} took longer than {_TIMEOUT_SECONDS} s; is the network there?") from None
    if done.returncode == 0:
        return
    if tolerate_failure:
        say(f"{command[0]} update was not complete:\n{done.stdout.strip()}")
        return
    raise HeddleError(f"{' '.join(command)} failed with {done.returncode}:\n{done.stdout.strip()}")
