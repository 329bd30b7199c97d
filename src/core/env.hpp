// SPDX-License-Identifier: BSD-2-Clause
// All that an appliance may use, in one argument: no globals, so a test can hand it something else.
#pragma once

#include "core/boot/archive.hpp"
#include "core/boot/boot_info.hpp"
#include "core/boot/command_line.hpp"
#include "core/cpu/work_queue.hpp"
#include "core/stop_token.hpp"
#include "core/time/clock.hpp"
#include "core/time/wait.hpp"
#include "lib/format.hpp"

#include <memory>
#include <type_traits>

namespace heddle {

/// The appliance's surroundings. Lives as long as the appliance runs; members may be used from its thread
/// only unless said.
class Env {
  public:
    Env(Writer& console, const core::boot::BootInfo& boot_info, const core::boot::Archive& files,
        const core::boot::CommandLine& command_line, core::time::ClockDevice& clock,
        core::time::DeadlineQueue& deadlines, const core::StopToken& stop)
        : console_{console}
        , boot_info_{boot_info}
        , files_{files}
        , command_line_{command_line}
        , clock_{clock}
        , deadlines_{deadlines}
        , stop_{stop} {}

    /// The console; whole writes do not mix.
    Writer& console() { return console_; }

    /// Formats to the console.
    template <class... Arguments>
    void print(FormatString<std::type_identity_t<Arguments>...> format, const Arguments&... arguments) {
        format_to(console_, format, arguments...);
    }

    /// The boot archive's files, read-only, in archive order.
    const core::boot::Archive& files() const { return files_; }

    /// What the kernel found: memory, CPUs, how it was booted.
    const core::boot::BootInfo& boot_info() const { return boot_info_; }

    const core::boot::CommandLine& command_line() const { return command_line_; }

    /// Monotonic time since boot.
    Nanoseconds now() const { return clock_.now(); }

    /// Waits until `when`, or until a stop is requested if that is sooner; console commands work meanwhile.
    void wait_until(Nanoseconds when) { core::time::wait_until(deadlines_, stop_, when); }

    /// Calls `function(i)` once for each i in 0 … count - 1, spread over all CPUs, and returns when all are
    /// done. Calls for different i run at the same time, so `function` changes what belongs to its i only.
    template <class Function>
    void for_each_parallel(std::size_t count, Function&& function) {
        using Called = std::remove_reference_t<Function>;
        core::cpu::for_each_parallel(
            count, [](void* called, std::size_t i) { (*static_cast<Called*>(called))(i); },
            const_cast<void*>(static_cast<const void*>(std::addressof(function))));
    }

    /// Asked to stop by Ctrl-C on the host or the power button: return soon.
    const core::StopToken& stop_token() const { return stop_; }

  private:
    Writer& console_;
    const core::boot::BootInfo& boot_info_;
    const core::boot::Archive& files_;
    const core::boot::CommandLine& command_line_;
    core::time::ClockDevice& clock_;
    core::time::DeadlineQueue& deadlines_;
    const core::StopToken& stop_;
};

/// The appliance. Exactly one is linked into an image; its result, 0…62, is the run's exit status.
int appliance_main(Env& env);

} // namespace heddle
