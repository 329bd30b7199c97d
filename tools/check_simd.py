#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Disassembles a linked kernel and finds functions that use SIMD, x87 or floating-point registers without owning them.

Kernel code is compiled for general registers only, but inline functions that it shares with a file that is not are merged
by the linker, and the kernel may get the wrong copy. Owners are named by the object file that the link map gives
(--owner), or by the function (--function), for code whose work is the unit itself. Exit status 1 on a violation.
"""

import argparse
import bisect
import pathlib
import re
import subprocess
import sys

# Registers as operands. objdump writes AT&T syntax for x86 and marks registers with %.
REGISTERS = {
    'x86-64': re.compile(r'%(?:[xyz]mm\d+|mm[0-7]|st\b|st\(\d\)|k[0-7]\b)'),
    'aarch64': re.compile(r'(?<![\w.])(?:[vqdshbz]\d+(?:\.\d*[bhsdq])?|p\d+(?:\.[bhsd]|/[mz]))(?![\w])'),
}
# Instructions that touch the unit without such an operand.
MNEMONICS = {
    'x86-64': re.compile(r'^(?:f(?!s\b)[a-z0-9]+|emms|femms|v?ldmxcsr|v?stmxcsr|xsave\w*|xrstor\w*|vzero\w+)$'),
    'aarch64': re.compile(r'^(?:wrffr|setffr)$'),
}
# Functions that own the unit in every image.
FUNCTIONS = (r'(^|::)enable_simd\b', r'(^|::|_)fx?(save|rstor|restore)\w*$')


def machine_of(objdump, image):
    header = subprocess.run([objdump, '--file-headers', image], check=True, capture_output=True, text=True).stdout
    match = re.search(r'file format elf64-(x86-64|littleaarch64)', header)
    if not match:
        raise SystemExit(f'check_simd: {image} is for neither machine')
    return {'littleaarch64': 'aarch64'}.get(match[1], match[1])


def uses_unit(machine, mnemonic, operands):
    comment = '#' if machine == 'x86-64' else '//'
    return bool(MNEMONICS[machine].match(mnemonic) or REGISTERS[machine].search(operands.split(comment)[0]))


def offenders(machine, disassembly):
    """{(address, function): first offending instruction} of objdump's text."""
    found = {}
    function = None
    for line in disassembly:
        if head := re.match(r'([0-9a-f]+) <(.*)>:$', line):
            function = (int(head[1], 16), head[2])
        elif instruction := re.match(r'\s*([0-9a-f]+):\s+(\S+)\s*(.*)$', line):
            address, mnemonic, operands = instruction.groups()
            if re.search(r'\t\.(?:byte|short|word)\t', line):  # data in a text section, shown with its raw bytes
                continue
            operands = re.sub(r'<[^>]*>', '', operands)
            if function is not None and function not in found and uses_unit(machine, mnemonic, operands):
                found[function] = f'{address}: {mnemonic} {operands}'.strip()
    return found


class LinkMap:
    """Which object file each address comes from, out of lld's --Map. Without a map nobody owns anything."""

    def __init__(self, text):
        self.starts, self.ends, self.owners = [], [], []
        for line in text.splitlines():
            match = re.match(r'\s*([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+ {9}(\S.*):\((.*)\)$', line)
            if match:
                start, size = int(match[1], 16), int(match[2], 16)
                if size:
                    self.starts.append(start)
                    self.ends.append(start + size)
                    self.owners.append(match[3])
        order = sorted(range(len(self.starts)), key=self.starts.__getitem__)
        for field in ('starts', 'ends', 'owners'):
            setattr(self, field, [getattr(self, field)[i] for i in order])

    def owner(self, address):
        index = bisect.bisect_right(self.starts, address) - 1
        return self.owners[index] if index >= 0 and address < self.ends[index] else ''


def shared_functions(nm, archives):
    """Names of the functions in these archives that the linker merges with others of the same name."""
    if not archives:
        return set()
    listing = subprocess.run([nm, '--defined-only', '--demangle', *archives], check=True, capture_output=True, text=True).stdout
    return {match[1] for match in re.finditer(r'^[0-9a-f]+ [WV] (.*)$', listing, re.MULTILINE)}


def violations(found, link_map, owners, functions, shared=frozenset()):
    kept = []
    for (address, name), instruction in sorted(found.items()):
        owner = link_map.owner(address)
        if any(re.search(pattern, name) for pattern in functions):
            continue
        if owner and any(re.search(pattern, owner) for pattern in owners):
            if name in shared:
                kept.append(f'{name} ({owner}): {instruction}; the kernel, which has it too, got this copy')
            continue
        kept.append(f'{name} ({owner or "no object file known"}): {instruction}')
    return kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--objdump', default='llvm-objdump-19')
    parser.add_argument('--map', help="lld's link map of the image")
    parser.add_argument('--owner', action='append', default=[], metavar='REGEX', help='object files that own the unit')
    parser.add_argument('--function', action='append', default=list(FUNCTIONS), metavar='REGEX',
                        help='functions that own the unit')
    parser.add_argument('--nm', default='llvm-nm-19')
    parser.add_argument('--shared', action='append', default=[], metavar='ARCHIVE',
                        help="the kernel's objects: inline functions that they share with an owner must be theirs")
    parser.add_argument('-o', '--output', help='a file to touch when all is well')
    parser.add_argument('image')
    arguments = parser.parse_args()
    machine = machine_of(arguments.objdump, arguments.image)
    with subprocess.Popen([arguments.objdump, '--disassemble', '--demangle', '--no-show-raw-insn', arguments.image],
                          stdout=subprocess.PIPE, text=True) as process:
        found = offenders(machine, process.stdout)
    if process.returncode != 0:
        raise SystemExit(f'check_simd: {arguments.objdump} failed')
    link_map = LinkMap(pathlib.Path(arguments.map).read_text(encoding='utf-8') if arguments.map else '')
    shared = shared_functions(arguments.nm, arguments.shared)
    wrong = violations(found, link_map, arguments.owner, arguments.function, shared)
    for line in wrong:
        print(f'check_simd: {arguments.image}: {line}', file=sys.stderr)
    if not wrong and arguments.output:
        pathlib.Path(arguments.output).touch()
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
