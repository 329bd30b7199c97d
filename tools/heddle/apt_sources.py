# SPDX-License-Identifier: BSD-2-Clause
"""Reads the system's apt sources, both formats, and writes them anew for another architecture or for source packages.

See sources.list(5). The result is deb822 text for a private apt; the system's own files are only read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

SYSTEM_DIRECTORY = Path("/etc/apt")


@dataclass
class Source:
    """One stanza; `options` holds what else it said (Signed-By above all), under deb822 names."""
    types: list[str]
    uris: list[str]
    suites: list[str]
    components: list[str]
    options: dict[str, str] = field(default_factory=dict)


_ONE_LINE = re.compile(r"^(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$")
_OPTION_NAMES = {"arch": "Architectures", "signed-by": "Signed-By", "trusted": "Trusted", "lang": "Languages",
                 "check-valid-until": "Check-Valid-Until", "check-date": "Check-Date", "by-hash": "By-Hash",
                 "allow-insecure": "Allow-Insecure", "allow-weak": "Allow-Weak"}


def parse_one_line(text: str) -> list[Source]:
    """The format of sources.list: `deb [option=value …] URI suite component …`."""
    sources = []
    for line in text.splitlines():
        match = _ONE_LINE.match(line.split("#", 1)[0].strip())
        if match is None:
            continue
        kind, option_text, uri, suite, components = match.groups()
        options = {}
        for option in (option_text or "").split():
            name, equals, value = option.partition("=")
            if equals and name.lower() in _OPTION_NAMES:
                options[_OPTION_NAMES[name.lower()]] = value.replace(",", " ")
        sources.append(Source([kind], [uri], [suite], components.split(), options))
    return sources


def parse_deb822(text: str) -> list[Source]:
    """The format of *.sources: stanzas of fields; a field goes on in lines that start with a blank."""
    sources = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = _fields(stanza)
        if not {"types", "uris", "suites"} <= fields.keys() or fields.get("enabled", "yes").lower() in ("no", "false"):
            continue
        known = ("types", "uris", "suites", "components", "enabled")
        options = {_title(name): value for name, value in fields.items() if name not in known}
        sources.append(Source(fields["types"].split(), fields["uris"].split(), fields["suites"].split(),
                              fields.get("components", "").split(), options))
    return sources


def _fields(stanza: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    last = ""
    for line in stanza.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t" and last:
            fields[last] += "\n" + line.rstrip()  # an embedded key of Signed-By keeps its lines
            continue
        name, colon, value = line.partition(":")
        if colon:
            last = name.strip().lower()
            fields[last] = value.strip()
    return fields


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def read_system(directory: Path = SYSTEM_DIRECTORY) -> list[Source]:
    """Every enabled source of the system, in apt's order."""
    sources = []
    main = directory / "sources.list"
    if main.is_file():
        sources += parse_one_line(main.read_text(errors="replace"))
    parts = directory / "sources.list.d"
    for path in sorted(parts.iterdir()) if parts.is_dir() else []:
        if path.suffix == ".list":
            sources += parse_one_line(path.read_text(errors="replace"))
        elif path.suffix == ".sources":
            sources += parse_deb822(path.read_text(errors="replace"))
    return sources


def derive(sources: list[Source], *, foreign: str, host: str) -> str:
    """deb822 text that offers binary packages of `foreign` and source packages, from those that serve `host` binaries."""
    stanzas = []
    for source in sources:
        architectures = source.options.get("Architectures", "").split()
        if "deb" not in source.types or (architectures and host not in architectures):
            continue
        for kind in ("deb", "deb-src"):
            stanzas.append(_stanza(source, kind, foreign if kind == "deb" else ""))
    return "\n".join(dict.fromkeys(stanzas))


def _stanza(source: Source, kind: str, architecture: str) -> str:
    fields = {"Types": kind, "URIs": " ".join(source.uris), "Suites": " ".join(source.suites)}
    if source.components:
        fields["Components"] = " ".join(source.components)
    fields |= {name: value for name, value in source.options.items() if not name.startswith("Architectures")}
    if architecture:
        fields["Architectures"] = architecture
    lines = [f"{name}:{value}" if value.startswith("\n") else f"{name}: {value}" for name, value in fields.items()]
    return "\n".join(lines) + "\n"
