#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds the source tree to the arrows between rooms: lib <- core <- {ctx, dev, linux} <- appliances, test, bench.

An arch room includes lib, itself and the contracts that core declares. Outside of src/arch nothing asks which
architecture it is compiled for. Each violation is printed as file:line; the exit status says whether there was one.
"""

import argparse
import pathlib
import re
import sys

SUFFIXES = {'.hpp', '.cpp', '.h', '.c', '.S'}
ROOMS = ('lib', 'core', 'ctx', 'dev', 'linux', 'appliances', 'bench', 'test')

# What each room may include, as prefixes of quoted includes; `machine/` is the machine's side of core's contract.
BELOW = {
    'lib': ('lib/',),
    'core': ('lib/', 'core/', 'machine/'),
    'ctx': ('lib/', 'core/', 'machine/', 'ctx/'),
    'dev': ('lib/', 'core/', 'machine/', 'dev/'),
    'linux': ('lib/', 'core/', 'machine/', 'linux/'),
    'appliances': ('lib/', 'core/', 'ctx/', 'dev/', 'linux/', 'appliances/'),
    'bench': ('lib/', 'core/', 'machine/', 'ctx/', 'dev/', 'linux/', 'bench/'),
    'test': ('lib/', 'core/', 'machine/', 'arch/', 'ctx/', 'dev/', 'linux/', 'test/'),
}

# What an arch room may include besides lib and itself: contracts that it implements, and what they stand on.
CONTRACTS = (
    'core/machine/', 'core/boot/boot.hpp', 'core/boot/boot_info.hpp', 'core/boot/image_slide.hpp',
    'core/boot/physical_reader.hpp',
    'core/component/component.hpp', 'core/component/wiring.hpp', 'core/console/console.hpp',
    'core/console/uart_driver.hpp', 'core/cpu/', 'core/interrupt/', 'core/log/log.hpp', 'core/memory/arena.hpp',
    'core/memory/frames.hpp',
    'core/memory/image.hpp', 'core/memory/kernel_map.hpp', 'core/memory/layout.hpp', 'core/memory/mapping_types.hpp',
    'core/memory/memory_map.hpp', 'core/panic.hpp',
    'core/stop_token.hpp', 'core/sync/spinlock.hpp', 'core/time/clock.hpp', 'core/time/civil_time.hpp',
    'core/time/monotonic.hpp', 'core/user/',
)

# Libraries that are wrapped once: which headers in <> belong to whom. All other <> includes are the compiler's.
LIBRARIES = {
    'boost/': ('src/lib/', 'test/port/'),
    'libfdt': ('src/dev/fdt/', 'test/host/'),
    'doctest': ('test/',),
}

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
CONDITION = re.compile(r'\s*#\s*(?:if|ifdef|ifndef|elif|elifdef|elifndef)\b(.*)')
ARCHITECTURE = re.compile(r'\b(__x86_64__|__x86_64|__amd64__|__amd64|__i386__|__aarch64__|__arm__|__ARM_\w+|_M_X64|_M_ARM64)\b')


def room_of(path):
    """('core', None), ('arch', 'amd64'), or (None, None) for what belongs to no room."""
    parts = path.parts
    if parts[:2] == ('src', 'arch') and len(parts) > 3:
        return 'arch', parts[2]
    room = parts[1] if parts[0] == 'src' and len(parts) > 2 else parts[0]
    return (room, None) if room in ROOMS else (None, None)


def may_include(root, path, room, machine, target):
    if room == 'arch':
        own = root / 'src' / 'arch' / machine / target
        return target.startswith(('lib/', *CONTRACTS)) or own.exists() or (root / path.parent / target).exists()
    if target.startswith(BELOW[room]):
        return True
    if room == 'bench' and len(path.parts) > 2:  # bench/<machine>/: what is measured there is that machine's
        return (root / 'src' / 'arch' / path.parts[1] / target).exists()
    # A test looks at what it tests, and that may be one machine's; neighbours in a folder may name each other.
    return room == 'test' and ((root / path.parent / target).exists() or
                               any((machine / target).exists() for machine in (root / 'src' / 'arch').glob('*')))


def library_violation(path, target):
    for prefix, owners in LIBRARIES.items():
        if target.startswith(prefix) and not str(path).startswith(owners):
            return f'<{target}> is used by {", ".join(owners)} only'
    return None


def violations_of(root, path):
    """[(line number, what is wrong)] of one file."""
    room, machine = room_of(path)
    found = []
    for number, line in enumerate((root / path).read_text(encoding='utf-8').splitlines(), start=1):
        if include := INCLUDE.match(line):
            bracket, target = include.groups()
            if bracket == '<':
                if problem := library_violation(path, target):
                    found.append((number, problem))
            elif not may_include(root, path, room, machine, target):
                found.append((number, f'room {room} must not include "{target}"'))
        elif room != 'arch' and (condition := CONDITION.match(line)) and ARCHITECTURE.search(condition[1]):
            found.append((number, 'the architecture decides here; that belongs into src/arch'))
    return found


def check(root):
    """Every violation in the tree, as text."""
    found = []
    for top in ('src', 'appliances', 'bench', 'test'):
        for file in sorted((root / top).rglob('*')):
            path = file.relative_to(root)
            if file.suffix in SUFFIXES and room_of(path)[0] is not None:
                found += [f'{path}:{number}: {problem}' for number, problem in violations_of(root, path)]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('root', nargs='?', type=pathlib.Path, default=pathlib.Path(__file__).parent.parent)
    found = check(parser.parse_args().root)
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
