# SPDX-License-Identifier: BSD-2-Clause
"""`heddle run`: boots the appliance with its console on the terminal; `heddle iso`: only writes the ISO."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from . import boot, iso, options, vm
from .command_line import split_words
from .machines import Machine
from .output import HeddleError, result, say, step
from .paths import BUILD, DEFAULT_FILES, ROOT, relative
from .protocol import between

_GRAPH_SECONDS = 60.0
_MENU_SECONDS = 5


def add_run(parser: argparse.ArgumentParser) -> None:
    options.add_arch(parser, "amd64")
    options.add_hardware(parser)
    options.add_appliance(parser)
    parser.add_argument("--timeout", type=options.seconds, metavar="SECONDS", help="end the machine after this time")
    parser.add_argument("--dry-run", action="store_true", help="print the QEMU line and do nothing else")
    parser.add_argument("--graph", action="store_true", help="print the components as a Graphviz graph and stop")
    parser.set_defaults(call=run)


def run(arguments: argparse.Namespace) -> int:
    """The exit status is the appliance's; a failure of the machine is 125, an end by the user 130."""
    machine = options.machines(arguments)[0]
    this = _plan(arguments, machine)
    iso_file = BUILD / f"{machine.name}-run.iso"
    if arguments.dry_run:
        result(shlex.join(boot.command(this, iso_file)))
        return 0
    boot.install((machine,), direct=this.direct, uefi=arguments.uefi)
    boot.build_for(machine, ("appliance",), arguments.appliance)
    if this.archive is not None:
        boot.make_archive(arguments.files, this.archive)
    if arguments.graph:
        return _graph(this)
    say(f"booting {this.label}" + ("" if arguments.timeout else "; Ctrl-C asks the appliance to stop"))
    outcome = boot.boot(this, vm.Limits(arguments.timeout, interactive=True), iso_file=iso_file)
    return _exit_status(outcome)


def _plan(arguments: argparse.Namespace, machine: Machine) -> boot.Run:
    words = split_words(arguments.append) + (["graph=1"] if arguments.graph else [])
    return boot.Run(options.hardware(arguments, machine), "appliance", arguments.kernel or arguments.graph,
                    tuple(words), BUILD / f"{machine.name}-run.tar", arguments.appliance)


def _graph(this: boot.Run) -> int:
    outcome = boot.boot(this, vm.Limits(_GRAPH_SECONDS))
    graph = between(outcome.console, "#graph begin", "#graph end")
    if graph is None:
        raise HeddleError(f"the kernel printed no graph; its console:\n{outcome.text}\n{outcome.failure}", status=1)
    result("\n".join(graph))
    return _exit_status(outcome)


def _exit_status(outcome: vm.Outcome) -> int:
    if outcome.status is not None:
        say(f"the machine ended with status {outcome.status}" + (" (panic)" if outcome.status == 63 else ""))
        return outcome.status
    say(outcome.failure)
    return 130 if outcome.failure == "stopped by the user" else 125


def add_iso(parser: argparse.ArgumentParser) -> None:
    options.add_arch(parser, "amd64")
    parser.add_argument("--files", type=Path, default=DEFAULT_FILES, metavar="DIR",
                        help="the directory that becomes the boot archive (default: the project's docs/)")
    options.add_appliance(parser)
    parser.add_argument("--append", default="", metavar='"key=value …"', help="words for the kernel's command line")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the ISO (default: heddle-<arch>.iso)")
    parser.set_defaults(call=write_iso)


def write_iso(arguments: argparse.Namespace) -> int:
    """Writes an ISO for any machine: it shows the menu, and its kernels switch the machine off at their end."""
    machine = options.machines(arguments)[0]
    boot.install((machine,), direct=False)
    boot.build_for(machine, iso.ENTRIES, arguments.appliance)
    destination = arguments.output or ROOT / f"heddle-{machine.name}.iso"
    with step(f"writing {relative(destination)}"):
        recipe = iso.Recipe(machine, boot.make_archive(arguments.files), words=tuple(split_words(arguments.append)),
                            wait=_MENU_SECONDS, appliance=arguments.appliance)
        iso.make(recipe, destination)
    missing = [name for name, path in iso.kernels(machine, arguments.appliance).items() if not path.is_file()]
    if missing:
        raise HeddleError(f"the build made no {', '.join(missing)}")
    return 0
