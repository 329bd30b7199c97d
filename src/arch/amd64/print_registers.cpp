// SPDX-License-Identifier: BSD-2-Clause
// A TrapFrame in words.
#include "core/machine/machine.hpp"
#include "cpu/registers.hpp"
#include "trap/exception.hpp"

namespace heddle::machine {

void print_registers(Writer& writer, const TrapFrame& frame) {
    if (frame.vector < amd64::exception_count) {
        format_to(writer, "vector {}: {}, error code {:#x}\n", frame.vector,
                  to_string(static_cast<amd64::Exception>(frame.vector)), frame.error_code);
    } else {
        format_to(writer, "vector {}: interrupt\n", frame.vector);
    }
    format_to(writer, "rip {:016x}  cs {:04x}  rflags {:08x}  rsp {:016x}  ss {:04x}\n", frame.rip, frame.cs,
              frame.rflags, frame.rsp, frame.ss);
    format_to(writer, "rax {:016x}  rbx {:016x}  rcx {:016x}  rdx {:016x}\n", frame.rax, frame.rbx, frame.rcx,
              frame.rdx);
    format_to(writer, "rsi {:016x}  rdi {:016x}  rbp {:016x}  r8  {:016x}\n", frame.rsi, frame.rdi, frame.rbp,
              frame.r8);
    format_to(writer, "r9  {:016x}  r10 {:016x}  r11 {:016x}  r12 {:016x}\n", frame.r9, frame.r10, frame.r11,
              frame.r12);
    format_to(writer, "r13 {:016x}  r14 {:016x}  r15 {:016x}\n", frame.r13, frame.r14, frame.r15);
    format_to(writer, "cr0 {:016x}  cr2 {:016x}  cr3 {:016x}  cr4 {:016x}\n", amd64::read_cr0(),
              amd64::read_cr2(), amd64::read_cr3(), amd64::read_cr4());
}

} // namespace heddle::machine
