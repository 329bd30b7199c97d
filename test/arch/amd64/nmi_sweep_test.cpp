// SPDX-License-Identifier: BSD-2-Clause
// Non-maskable interrupts at every instruction between a program and the kernel: the timer raises them after
// a count that is swept over the way in and out, on each CPU in turn. Where a count is not an instruction, a
// neighbour raises them at any.
#include "core/machine/machine.hpp"
#include "cpu/stacks.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/debug_register.hpp"
#include "test/arch/amd64/nmi_timer.hpp"
#include "test/arch/amd64/passages.hpp"
#include "test/floor/every_cpu.hpp"
#include "trap/trap.hpp"

#include <algorithm>

namespace heddle::test {
namespace {

using amd64::Exception;
using amd64::local_apic;
using machine::TrapFrame;

/// What the NMIs of a CPU found.
struct Seen {
    std::atomic<std::uint64_t> count{0};
    std::atomic<AddressSet*> addresses{nullptr};
    std::uint64_t from_user = 0;
    std::uint64_t on_the_programs_stack = 0; ///< in kernel mode
    std::uint64_t with_the_programs_gs = 0;  ///< in kernel mode
    bool wrong_cpu = false;
    bool wrong_stack = false;
};

constinit std::array<Seen, CpuId::limit> seen{};

Seen& own() {
    return seen[core::cpu::current().id.value];
}

bool is_kernel_address(std::uint64_t address) {
    return static_cast<std::int64_t>(address) < 0;
}

bool note(TrapFrame& frame) {
    const core::cpu::CpuLocal& cpu = core::cpu::current();
    const VirtAddr top =
        (cpu.id == CpuId{0} ? amd64::boot_cpu_stacks() : amd64::cpu_stacks(cpu.id)).non_maskable;
    const std::uint64_t here = machine::frame_pointer();
    const std::uint64_t self = reinterpret_cast<std::uintptr_t>(&cpu);
    Seen& mine = seen[cpu.id.value];
    mine.wrong_stack = mine.wrong_stack || here >= top.value || here < top.value - 8_KiB;
    mine.wrong_cpu = mine.wrong_cpu || cpu.machine.apic_id != local_apic().id() ||
                     amd64::read_msr(amd64::Msr::gs_base) != self;
    if (frame.from_user()) {
        ++mine.from_user;
    } else {
        // The passages' random stack pointers, where they are not by chance the kernel's.
        mine.on_the_programs_stack += is_kernel_address(frame.rsp) ? 0 : 1;
        // What SWAPGS has not yet exchanged, or has again.
        mine.with_the_programs_gs += amd64::read_msr(amd64::Msr::kernel_gs_base) == self ? 1 : 0;
        // Acquire: pairs with the release where it is set.
        if (AddressSet* const addresses = mine.addresses.load(std::memory_order_acquire)) {
            addresses->insert(frame.rip);
        }
    }
    // Release: pairs with the acquire of who waits for it.
    mine.count.fetch_add(1, std::memory_order_release);
    return true;
}

class Noting {
  public:
    Noting()
        : before_{amd64::set_exception_hook(Exception::non_maskable_interrupt, note)} {
        for (Seen& each : seen) {
            each.count = 0;
            each.from_user = 0;
            each.on_the_programs_stack = 0;
            each.with_the_programs_gs = 0;
            each.wrong_cpu = false;
            each.wrong_stack = false;
        }
    }

    ~Noting() { amd64::set_exception_hook(Exception::non_maskable_interrupt, before_); }

    Noting(const Noting&) = delete;
    Noting& operator=(const Noting&) = delete;

  private:
    amd64::ExceptionHook before_;
};

constinit std::array<std::uint64_t, CpuId::limit> breakpoint_hits{};

/// The instructions of a passage's door that it executes, as breakpoints find them: independent of the sweep.
AddressSet executed(const Passage& passage, Findings& findings, std::uint64_t seed) {
    AddressSet found{passage.door};
    std::uint64_t& hits = breakpoint_hits[core::cpu::current().id.value];
    for (std::uint64_t address = passage.door.begin; address < passage.door.end; ++address) {
        const std::uint64_t before = hits;
        const DebugRegister breakpoint{address};
        findings.expect(passage.pass(seed, 0), "a breakpoint harmed a program");
        if (hits != before) {
            found.insert(address);
        }
    }
    return found;
}

/// Passes once for each count, until a program has left before its NMI came; what the NMIs hit in the door.
AddressSet swept(const Passage& passage, Findings& findings, std::uint64_t seed) {
    constexpr std::uint32_t limit = 20'000;
    AddressSet found{passage.door};
    Seen& mine = own();
    // Release: pairs with the acquire in note().
    mine.addresses.store(&found, std::memory_order_release);
    bool in_time = true;
    std::uint32_t count = 0;
    while (in_time && ++count < limit) {
        const std::uint64_t before = mine.count.load(std::memory_order_acquire);
        findings.expect(passage.pass(seed + count, count), "an NMI harmed a program");
        in_time = mine.count.load(std::memory_order_acquire) != before;
        findings.expect(eventually([&] { return mine.count.load(std::memory_order_acquire) == before + 1; }),
                        "not one NMI");
    }
    mine.addresses.store(nullptr, std::memory_order_release);
    findings.expect(count < limit, "a sweep without end");
    return found;
}

TEST_CASE(
    "ENT-02 an NMI at every single instruction of the doors, the program's stack and GS or not, does no "
    "harm, on every CPU") {
    if (!time_counts_instructions()) {
        skip("it takes time that counts instructions: ./heddle test --icount");
        return;
    }
    const Passages passages;
    const Noting noting;
    Findings findings;
    const std::uint64_t seed = random().next();
    const auto before = amd64::set_exception_hook(Exception::debug, [](TrapFrame&) {
        ++breakpoint_hits[core::cpu::current().id.value];
        return false;
    });
    CHECK(on_every_cpu_in_turn([&] {
        for (const Passage& passage : passages.all) {
            const AddressSet expected = executed(passage, findings, seed);
            const NmiTimer timer;
            const AddressSet found = swept(passage, findings, seed);
            findings.expect(expected.count() >= 25, "the breakpoints found too few instructions");
            findings.expect(expected.missing_in(found) == 0, "the sweep left an instruction out");
            findings.expect(found.missing_in(expected) == 0, "the sweep hit what is no instruction");
        }
        const Seen& mine = own();
        findings.expect(mine.from_user > 0, "no NMI in user mode");
        // Two instructions after SYSCALL, two before SYSRET ends, for each of two calls; for half of the
        // seeds.
        findings.expect(mine.on_the_programs_stack >= 4, "no NMI on the program's stack");
        findings.expect(mine.with_the_programs_gs >= 4, "no NMI with the program's GS");
        findings.expect(!mine.wrong_cpu, "not this CPU's pointer");
        findings.expect(!mine.wrong_stack, "not on the CPU's NMI stack");
    }));
    amd64::set_exception_hook(Exception::debug, before);
    findings.check();
}

TEST_CASE("ENT-02 NMIs from a neighbour do no harm to programs that pass the doors all the time") {
    if (!have_cpus(2)) {
        return;
    }
    // Each is waited for, and with many CPUs the host has them take turns.
    const std::uint64_t enough = std::max(5U, 200 / core::cpu::online_count());
    const Passages passages;
    const Noting noting;
    Findings findings;
    const std::uint64_t seed = random().next();
    const auto had_enough = [enough](CpuId cpu) {
        return seen[cpu.value].count.load(std::memory_order_acquire) >= enough;
    };
    CHECK(on_every_cpu([&] {
        const CpuId self = core::cpu::current().id;
        if (self.value % 2 != 0) {
            const Nanoseconds limit = core::time::now() + 30_s;
            for (unsigned i = 0; !had_enough(self) && core::time::now() < limit; ++i) {
                findings.expect(passages.all[i % passages.all.size()].pass(seed + i, 0),
                                "an NMI harmed a program");
            }
            findings.expect(had_enough(self), "too few NMIs came");
            findings.expect(!own().wrong_cpu, "not this CPU's pointer");
            findings.expect(!own().wrong_stack, "not on the CPU's NMI stack");
            return;
        }
        const CpuId victim{self.value + 1};
        while (core::cpu::online().contains(victim) && !had_enough(victim)) {
            const std::uint64_t before = seen[victim.value].count.load(std::memory_order_acquire);
            static_cast<void>(local_apic().send_non_maskable(core::cpu::local(victim).machine.apic_id));
            // One at a time, so that none is lost.
            const bool came = eventually(
                [&] { return seen[victim.value].count.load(std::memory_order_acquire) != before; });
            findings.expect(came, "an NMI did not come");
        }
    }));
    findings.check();
}

} // namespace
} // namespace heddle::test
