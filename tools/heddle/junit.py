# SPDX-License-Identifier: BSD-2-Clause
"""Writes results as JUnit XML: one file for both machines, the machine's name in each suite's name."""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml
from collections.abc import Iterable
from pathlib import Path

from .protocol import Case

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]")


def write(path: Path, results: Iterable[tuple[str, list[Case]]]) -> None:
    """`results` are pairs of a machine's (or boot's) name and its cases."""
    top = xml.Element("testsuites")
    for label, cases in results:
        for suite in dict.fromkeys(case.suite for case in cases):
            _suite(top, f"{label}: {suite or 'suite'}", [case for case in cases if case.suite == suite])
    xml.indent(top)
    path.parent.mkdir(parents=True, exist_ok=True)
    xml.ElementTree(top).write(path, encoding="utf-8", xml_declaration=True)


def _suite(top: xml.Element, name: str, cases: list[Case]) -> None:
    seconds = sum(case.nanoseconds for case in cases) / 1e9
    suite = xml.SubElement(top, "testsuite", name=_clean(name), tests=str(len(cases)), errors="0",
                           failures=str(sum(case.result == "fail" for case in cases)),
                           skipped=str(sum(case.result == "skip" for case in cases)), time=f"{seconds:.6f}")
    for case in cases:
        element = xml.SubElement(suite, "testcase", name=_clean(case.name), classname=_clean(name),
                                 assertions=str(case.assertions), time=f"{case.nanoseconds / 1e9:.6f}")
        if case.result == "fail":
            failure = xml.SubElement(element, "failure", message=_clean(next(iter(case.detail), "failed")))
            failure.text = _clean("\n".join(case.detail))
        elif case.result == "skip":
            xml.SubElement(element, "skipped")


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)
