// SPDX-License-Identifier: BSD-2-Clause
// See the header.
#include "test/arch/aarch64/serror_watch.hpp"

#include "cpu/features.hpp"
#include "cpu/registers.hpp"

namespace heddle::test {
namespace {

using machine::TrapFrame;

constexpr std::uint64_t serrors_masked = 1U << 8; // PSTATE.A

struct Seen {
    unsigned count = 0;
    std::uint64_t pc = 0;
    std::uint64_t pstate = 0;
    std::uint64_t vector = 0;
    std::uint64_t stack = 0;
    std::uint64_t affinity = 0;
    bool kernel_key = false;
    bool in_interrupt = false;
};

constinit std::array<Seen, CpuId::limit> seen{};
constinit aarch64::ExceptionHook before = nullptr;

bool note(TrapFrame& frame) {
    const core::cpu::CpuLocal& cpu = core::cpu::current();
    Seen& own = seen[cpu.id.value];
    ++own.count;
    own.pc = frame.pc();
    own.pstate = frame.pstate;
    own.vector = frame.vector;
    own.stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    own.affinity = cpu.machine.affinity;
    own.kernel_key = !aarch64::cpu_features.pointer_authentication ||
                     READ_SYSTEM_REGISTER(S3_0_C2_C1_0) == cpu.machine.key.low; // APIAKeyLo_EL1
    own.in_interrupt = core::cpu::in_interrupt();
    return true;
}

} // namespace

SErrorWatch::SErrorWatch() {
    before = aarch64::set_exception_hook(aarch64::ExceptionClass::serror, note);
}

SErrorWatch::~SErrorWatch() {
    aarch64::set_exception_hook(aarch64::ExceptionClass::serror, before);
}

void SErrorWatch::begin() {
    seen[core::cpu::current().id.value] = {};
}

void SErrorWatch::judge(const el2::Hit& hit, Findings& findings) const {
    const core::cpu::CpuLocal& cpu = core::cpu::current();
    const Seen& own = seen[cpu.id.value];
    findings.expect(own.count == 1, "not exactly one SError was handled");
    findings.expect(!hit.still_pending, "an SError is still pending");
    findings.expect(own.affinity == aarch64::read_affinity(), "the SError found another CPU's data");
    const std::uint64_t top = cpu.machine.serror_stack;
    findings.expect(own.stack < top && own.stack > top - 8_KiB, "not on this CPU's stack for SErrors");
    findings.expect((own.pc == hit.pc) == !hit.masked, "taken at once where masked, or late where not");
    findings.expect((own.pstate & serrors_masked) == 0, "taken with SErrors masked");
    findings.expect((own.vector == VECTOR_LOWER_SERROR) == ((own.pstate & 0xf) == 0), "by another vector");
    findings.expect(own.kernel_key, "handled with a program's key");
    findings.expect(own.in_interrupt, "the handler does not know that it interrupts");
    findings.expect(cpu.interrupt_depth == 0 && cpu.machine.exception_depth == 0, "a depth is off");
}

} // namespace heddle::test
