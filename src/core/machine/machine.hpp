// SPDX-License-Identifier: BSD-2-Clause
// What core asks of the machine beyond one-instruction primitives: functions that each arch room defines
// once.
#pragma once

#include "core/boot/boot_info.hpp"
#include "lib/format.hpp"
#include "lib/result.hpp"
#include "machine/trap_frame.hpp"

#include <span>
#include <string_view>

namespace heddle::machine {

/// "amd64" or "aarch64", as in tool names and reports.
extern const std::string_view name;

/// Ends the machine, never returns, any context. `status` 0…63 travels to the host as 0x40 + status when the
/// command line says `exit=debug`; otherwise power off as `BootInfo::power` says; where neither works, halts
/// with a message.
[[noreturn]] void exit(unsigned status);

/// Chooses exit()'s way. Called once by boot.
enum class ExitMethod : std::uint8_t { power_off, debug };
void set_exit_method(ExitMethod method, const core::boot::BootInfo& boot_info);

/// Return addresses from the frame record at `frame_pointer` outward, at most `addresses.size()`; reads only
/// memory that is mapped as kernel stack. Returns how many. Any context.
std::size_t backtrace(std::uint64_t frame_pointer, std::span<std::uint64_t> addresses);

/// The pages below the boot CPU's stacks, one page each, page-aligned and part of the image: memory
/// management unmaps them for good, so that an overflow faults. Other CPUs' stacks have theirs in the arena.
std::span<const void* const> stack_guards();

/// The caller's own frame pointer.
inline std::uint64_t frame_pointer() {
    return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

/// Prints every register of `frame`, one machine's way.
void print_registers(Writer& writer, const TrapFrame& frame);

/// 64 bits nobody can foretell as far as the machine has such a source (RDRAND, RNDR), mixed with timing. Any
/// context.
std::uint64_t random();

/// Adds `seed`, which somebody else drew, to what random() makes its numbers of. Any context.
void stir(std::uint64_t seed);

/// The wall clock at boot in seconds since 1970-01-01, read from the machine's clock chip (CMOS, PL031); may
/// take a second on amd64 at most when the chip is in the middle of an update. Error::not_found without a
/// chip.
Result<std::uint64_t> read_real_time_clock(const core::boot::BootInfo& boot_info);

/// Turns on the FPU/SIMD unit for the calling CPU, in kernel mode. For the test runner, which alone may use
/// it.
void enable_simd();

} // namespace heddle::machine
