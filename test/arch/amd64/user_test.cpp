// SPDX-License-Identifier: BSD-2-Clause
// User mode: in by system call, exception and interrupt, out again, and what a program cannot do.
#include "core/cpu/cpu_local.hpp"
#include "core/machine/probe.hpp"
#include "core/machine/user.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "core/user/entry.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "machine/cpu.hpp"
#include "test/arch/amd64/programs.hpp"
#include "test/floor/background.hpp"
#include "test/floor/environment.hpp"
#include "test/floor/floor.hpp"
#include "test/user/program.hpp"
#include "trap/exception.hpp"

#include <array>
#include <cstring>

namespace heddle::test {
namespace {

using amd64::Exception;
using core::memory::Access;
using machine::TrapFrame;

constexpr VirtAddr code{0x40'0000};
constexpr VirtAddr data{0x50'0000};
constexpr std::uint64_t not_canonical = 0x1234'0000'0000'0000;

/// A page of user memory for a block.
class UserPage : public UserMemory {
  public:
    UserPage(VirtAddr at, Access access)
        : UserMemory{at, page_size, access} {}

    char* kernel_view() const { return reinterpret_cast<char*>(UserMemory::kernel_view(0)); }
};

/// What the handlers saw.
struct Seen {
    std::array<TrapFrame, 4> calls{};
    unsigned call_count = 0;
    std::uint64_t flags = 0;
    std::uint64_t exception = ~std::uint64_t{0};
    std::uint64_t error_code = 0;
    std::uint64_t address = 0;
    bool from_user = false;
    std::uint32_t work = 0;
};

constinit Seen seen;
constinit std::uint64_t next_pc = 0; ///< where the program goes on after its first call, if not 0
constexpr std::uint64_t result = 0x0123'4567'89ab'cdef;

void note_call(TrapFrame& frame) {
    seen.flags = machine::read_flags();
    seen.from_user = frame.from_user();
    seen.calls[seen.call_count % seen.calls.size()] = frame;
    machine::set_system_call_result(frame, result);
    if (++seen.call_count == 2) {
        machine::leave_user();
    }
    if (next_pc != 0) {
        frame.rip = next_pc;
    }
}

void note_exception(TrapFrame& frame) {
    seen.exception = frame.vector;
    seen.error_code = frame.error_code;
    seen.address = amd64::read_cr2();
    seen.from_user = frame.from_user();
    machine::leave_user();
}

void note_work(TrapFrame& frame, std::uint32_t flags) {
    seen.work = flags;
    seen.from_user = frame.from_user();
    machine::leave_user();
}

constexpr core::user::Handlers noting{note_call, note_exception, note_work};

/// Runs a fragment with the handlers above.
class Program {
  public:
    Program()
        : code_page_{code, Access::read_execute}
        , data_page_{data, Access::read_write}
        , before_{core::user::set_handlers(&noting)} {
        std::memcpy(code_page_.kernel_view(), heddle_fragment_begin,
                    static_cast<std::size_t>(heddle_fragment_end - heddle_fragment_begin));
        seen = {};
        next_pc = 0;
    }

    ~Program() { core::user::set_handlers(before_); }

    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    static TrapFrame frame(const char* fragment, std::uint64_t argument = 0) {
        return machine::user_frame(code + static_cast<std::uint64_t>(fragment - heddle_fragment_begin),
                                   data + page_size, argument);
    }

    static TrapFrame run(const char* fragment, std::uint64_t argument = 0) {
        TrapFrame registers = frame(fragment, argument);
        machine::enter_user(registers);
        return registers;
    }

  private:
    UserPage code_page_;
    UserPage data_page_;
    const core::user::Handlers* before_;
};

bool same_but_result(const TrapFrame& a, const TrapFrame& b) {
    return a.rbx == b.rbx && a.rdx == b.rdx && a.rsi == b.rsi && a.rdi == b.rdi && a.rbp == b.rbp &&
           a.r8 == b.r8 && a.r9 == b.r9 && a.r10 == b.r10 && a.r12 == b.r12 && a.r13 == b.r13 &&
           a.r14 == b.r14 && a.r15 == b.r15 && a.rsp == b.rsp && a.rflags == b.rflags;
}

TEST_CASE("ENT-01 a system call keeps every register but those that SYSCALL takes, and gives its result") {
    const Program program;
    TrapFrame registers = Program::frame(heddle_fragment_two_calls);
    const TrapFrame fresh = registers;
    auto* const words = reinterpret_cast<std::uint64_t*>(&registers);
    for (unsigned i = 0; i < 15; ++i) {
        words[i] = random().next();
    }
    registers.rsp = not_canonical; // a program may have any
    registers.rflags |= 0x8d5;
    const TrapFrame before = registers;
    machine::enter_user(registers);
    CHECK(seen.call_count == 2);
    CHECK(seen.from_user);
    CHECK((seen.flags & machine::interrupt_flag) != 0);
    CHECK(same_but_result(before, seen.calls[0]));
    CHECK(seen.calls[0].rax == before.rax);
    CHECK(same_but_result(before, seen.calls[1]));
    CHECK(seen.calls[1].rax == result);
    CHECK(same_but_result(before, registers));
    CHECK(registers.rip == fresh.rip + 4);
    CHECK(machine::interrupts_enabled());
    CHECK(machine::system_call_number(before) == before.rax);
    CHECK(machine::system_call_argument(before, 3) == before.r10);
}

TEST_CASE("ENT-04 a system call clears TF, IF, DF, AC and NT for the kernel, and the program keeps its own") {
    const Program program;
    next_pc = code.value + static_cast<std::uint64_t>(heddle_fragment_two_calls - heddle_fragment_begin);
    Program::run(heddle_fragment_flags);
    CHECK((seen.flags & 0x44500) == 0);
    CHECK((seen.calls[0].rflags & 0x40400) == 0x40400);
}

TEST_CASE("ENT-05 a return to an address that is not canonical faults the program") {
    const Program program;
    next_pc = not_canonical;
    const TrapFrame after = Program::run(heddle_fragment_two_calls);
    CHECK(seen.exception == static_cast<std::uint64_t>(Exception::general_protection));
    CHECK(seen.from_user);
    CHECK(after.rip == not_canonical);
}

TEST_CASE("ENT-05 garbage in segments and flags is replaced; a wild start faults the program") {
    const Program program;
    TrapFrame registers = Program::frame(heddle_fragment_two_calls);
    registers.cs = 0x1238;
    registers.ss = 0x10;
    registers.rflags = ~std::uint64_t{0} & ~std::uint64_t{0x100};
    machine::enter_user(registers);
    CHECK(seen.call_count == 2);
    CHECK(registers.cs == 0x2b);
    CHECK(registers.ss == 0x23);
    CHECK((registers.rflags & 0x7000) == 0); // IOPL, NT
    registers.rip = not_canonical;
    machine::enter_user(registers);
    CHECK(seen.exception == static_cast<std::uint64_t>(Exception::general_protection));
}

TEST_CASE("ENT-07 what a program does wrong reaches it alone, and it can be stepped") {
    const Program program;
    Program::run(heddle_fragment_undefined);
    CHECK(seen.exception == static_cast<std::uint64_t>(Exception::invalid_opcode));
    CHECK(seen.from_user);
    Program::run(heddle_fragment_privileged);
    CHECK(seen.exception == static_cast<std::uint64_t>(Exception::general_protection));
    TrapFrame registers = Program::frame(heddle_fragment_step);
    const std::uint64_t start = registers.rip;
    registers.rflags |= 0x100;
    machine::enter_user(registers);
    CHECK(seen.exception == static_cast<std::uint64_t>(Exception::debug));
    CHECK(registers.rip == start + 1);
    CHECK(amd64::read_msr(amd64::Msr::kernel_gs_base) == 0);
}

TEST_CASE("ENT-09 a program neither reads nor runs kernel memory, and the kernel does not run a program's") {
    const Program program;
    const std::uint64_t text = core::memory::image_text().begin.value;
    for (const std::uint64_t address :
         {text, reinterpret_cast<std::uint64_t>(&seen), core::memory::to_virtual(PhysAddr{0x1000}).value}) {
        Program::run(heddle_fragment_read, address);
        CHECK(seen.exception == static_cast<std::uint64_t>(Exception::page_fault));
        CHECK((seen.error_code & amd64::PageFaultError::user) != 0);
        CHECK(seen.address == address);
        seen.exception = 0;
        Program::run(heddle_fragment_jump, address);
        CHECK(seen.exception == static_cast<std::uint64_t>(Exception::page_fault));
        CHECK(seen.from_user);
    }
    if (amd64::features().smep) {
        CHECK_FALSE(machine::probe_execute(code).has_value());
    }
    CHECK(machine::probe_read(data).has_value() == !amd64::features().smap);
}

TEST_CASE("work that is requested is done before a program goes on, also when it never calls") {
    const Program program;
    core::user::request_work(core::cpu::current().id, 4);
    Program::run(heddle_fragment_spin);
    CHECK(seen.work == 4);
    if (have_cpus(2)) {
        seen.work = 0;
        const CpuId self = core::cpu::current().id;
        const Background other{[self] {
            const Nanoseconds start = core::time::now();
            while (core::time::now() < start + 20_ms) {
                machine::pause();
            }
            core::user::request_work(self, 8);
        }};
        Program::run(heddle_fragment_spin);
        CHECK(seen.work == 8);
    }
}

} // namespace
} // namespace heddle::test
