// SPDX-License-Identifier: BSD-2-Clause
// The calls of the shim, and its timer's interrupt in the GICv3.
#include "test/arch/aarch64/el2/shim.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/memory/arena.hpp"
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "interrupt/gic_registers.hpp"
#include "interrupt/gic_reset.hpp"
#include "test/arch/aarch64/el2/shim.h"
#include "test/floor/environment.hpp"
#include "trap/fixup.hpp"

namespace heddle::test::el2 {
namespace {

using namespace aarch64;

enum class Function : std::uint64_t { probe, arm_breakpoint, arm_timer, disarm };

struct Answer {
    std::uint64_t x0;
    std::uint64_t x1;
};

/// Without EL2 the instruction is undefined, or firmware answers that it knows no such function.
Answer call(Function function, std::uint64_t argument = 0) {
    register std::uint64_t x0 asm("x0") = EL2_FUNCTIONS + static_cast<std::uint64_t>(function);
    register std::uint64_t x1 asm("x1") = argument;
    asm volatile("1: hvc #0\n"
                 "2:\n\t" HEDDLE_FIXUP("1b", "2b")
                 : "+r"(x0), "+r"(x1)::"x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
                   "x13", "x14", "x15", "x16", "x17", "memory");
    return {x0, x1};
}

/// The EL2 physical timer's PPI (Arm BSA).
constexpr std::uint32_t timer_line = 26;
constexpr std::uint32_t control_enable_group0 = 1;

VirtAddr own_frame() {
    return core::cpu::current().machine.redistributor + gic::frame_size;
}

} // namespace

bool present() {
    return call(Function::probe).x0 == EL2_MAGIC;
}

void arm_breakpoint(VirtAddr address) {
    static_cast<void>(call(Function::arm_breakpoint, address.value));
}

void arm_timer(std::uint64_t count) {
    static_cast<void>(call(Function::arm_timer, count));
}

bool have_timer_group() {
    return core::cpu::current().machine.redistributor != VirtAddr{};
}

void open_timer() {
    const VirtAddr frame = own_frame();
    const std::uint32_t groups = gic::read32(frame, gic::Array::group, 0);
    gic::write32(frame, gic::Array::group, 0, groups & ~gic::bit_of(timer_line));
    gic::configure(frame, timer_line, core::interrupt::Trigger::level);
    gic::write32(frame, gic::Array::set_enable, 0, gic::bit_of(timer_line));
    WRITE_SYSTEM_REGISTER(S3_0_C12_C12_6, 1); // ICC_IGRPEN0_EL1
    instruction_barrier();
}

void close_timer() {
    const VirtAddr frame = own_frame();
    WRITE_SYSTEM_REGISTER(S3_0_C12_C12_6, 0);
    gic::write32(frame, gic::Array::clear_enable, 0, gic::bit_of(timer_line));
    const std::uint32_t groups = gic::read32(frame, gic::Array::group, 0);
    gic::write32(frame, gic::Array::group, 0, groups | gic::bit_of(timer_line));
    instruction_barrier();
}

std::optional<Hit> disarm() {
    const Answer answer = call(Function::disarm);
    if (answer.x0 == 0) {
        return std::nullopt;
    }
    constexpr std::uint64_t address_bits = (1ULL << 56) - 1;
    const bool upper_half = (answer.x0 >> 55 & 1) != 0;
    return Hit{.pc = upper_half ? answer.x0 | ~address_bits : answer.x0 & address_bits,
               .masked = (answer.x0 >> 62 & 1) != 0,
               .in_user_mode = (answer.x0 >> 56 & 0xf) == 0,
               .still_pending = answer.x1 != 0};
}

TimerGroup::TimerGroup()
    : distributor_{
          core::memory::map_device(env().boot_info().interrupts.distributor, gic::frame_size).value()} {
    switch_group(true);
}

TimerGroup::~TimerGroup() {
    switch_group(false);
}

void TimerGroup::switch_group(bool on) {
    const VirtAddr base = distributor_.address();
    const std::uint32_t control = gic::read32(base, gic::Distributor::control) & ~control_enable_group0;
    gic::write32(base, gic::Distributor::control, 0, control | (on ? control_enable_group0 : 0));
    static_cast<void>(gic::wait_until_clear(base, gic::Distributor::control, gic::control_write_pending));
}

} // namespace heddle::test::el2
