// SPDX-License-Identifier: BSD-2-Clause
// What user/entry.S calls, and who calls it.
#include "core/user/entry.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/machine/user.hpp"
#include "cpu/protection.hpp"
#include "machine/cpu.hpp"

using heddle::machine::TrapFrame;

extern "C" {
// user/entry.S
[[gnu::visibility("hidden")]] void heddle_run_user(TrapFrame& frame);
[[noreturn, gnu::visibility("hidden")]] void heddle_leave_user();

[[gnu::visibility("hidden")]] bool heddle_handle_system_call(TrapFrame& frame);
[[gnu::visibility("hidden")]] void heddle_handle_user_exception(TrapFrame& frame);
[[gnu::visibility("hidden")]] void heddle_prepare_return(TrapFrame& frame);
}

/// Returns whether heddle_prepare_return() has anything to do.
bool heddle_handle_system_call(TrapFrame& frame) {
    heddle::core::user::handle_system_call(frame);
    return heddle::core::user::return_takes_work();
}

void heddle_handle_user_exception(TrapFrame& frame) {
    heddle::core::user::handle_exception(frame);
}

void heddle_prepare_return(TrapFrame& frame) {
    heddle::core::user::prepare_return(frame);
}

namespace heddle::machine {

void enter_user(TrapFrame& frame) {
    disable_interrupts();
    aarch64::change_program_keys(core::cpu::current().machine);
    heddle_run_user(frame);
    enable_interrupts();
}

void leave_user() {
    disable_interrupts();
    heddle_leave_user();
}

} // namespace heddle::machine
