// SPDX-License-Identifier: BSD-2-Clause
// All that an appliance may use, in one argument: no globals, so a test can hand it something else.
#pragma once

#include "core/boot/archive.hpp"
#include "core/boot/boot_info.hpp"
#include "core/boot/command_line.hpp"
#include "core/stop_token.hpp"
#include "core/time/clock.hpp"
#include "core/time/wait.hpp"
#include "lib/format.hpp"

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
