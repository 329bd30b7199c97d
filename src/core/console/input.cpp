// SPDX-License-Identifier: BSD-2-Clause
// The console's input side, and the work that waits for poll().
#include "core/component/wiring.hpp"
#include "core/console/command.hpp"
#include "core/console/console.hpp"
#include "core/console/input_ring.hpp"
#include "core/console/line_editor.hpp"
#include "core/log/log.hpp"

#include <atomic>

namespace heddle::core::console {
namespace {

constexpr char interrupt_key = 0x03; // Ctrl-C
/// A device that never runs dry is broken: its interrupt comes again, and others get a turn in between.
constexpr unsigned characters_at_once = 256;

constinit InputRing input;
constinit std::atomic<StopToken*> stop_token{nullptr};
constinit std::atomic<bool> interrupt_driven{false};
/// Whoever polls; guards the editor.
constinit std::atomic<bool> polling{false};
constinit LineEditor editor;

void request_stop() {
    // Acquire: pairs with the release exchange in set_stop_token().
    if (StopToken* token = stop_token.load(std::memory_order_acquire)) {
        token->request_stop();
    }
}

void take_input() {
    while (const auto c = input.take()) {
        if (const auto line = editor.key(*c, output())) {
            run_command(*line, commands(), output());
            output().write("> ");
        }
    }
}

} // namespace

void receive_input() {
    Uart* uart = attached_uart();
    for (unsigned i = 0; uart != nullptr && i < characters_at_once; ++i) {
        const auto c = uart->receive();
        if (!c) {
            return;
        }
        if (*c == interrupt_key) {
            request_stop();
        } else {
            input.put(*c);
        }
    }
}

StopToken* set_stop_token(StopToken* token) {
    // Release: pairs with the acquire load in request_stop().
    return stop_token.exchange(token, std::memory_order_acq_rel);
}

void set_interrupt_driven(bool by_interrupt) {
    // Relaxed: a poll too many does no harm.
    interrupt_driven.store(by_interrupt, std::memory_order_relaxed);
}

void poll() {
    // Acquire: pairs with the release store below: the editor is as the last one left it.
    if (polling.exchange(true, std::memory_order_acquire)) {
        return;
    }
    log::drain();
    if (!interrupt_driven.load(std::memory_order_relaxed)) {
        receive_input();
    }
    take_input();
    polling.store(false, std::memory_order_release);
}

bool has_work() {
    return !input.empty() || log::has_undrained();
}

namespace {

HEDDLE_COMMAND(stop_command){.name = "stop",
                             .help = "ask the appliance to stop, as Ctrl-C does",
                             .run = [](std::string_view, Writer&) { request_stop(); }};

Result<void> start(component::Wiring& wiring) {
    set_stop_token(&wiring.get<StopToken>());
    return {};
}

void stop() {
    set_stop_token(nullptr);
}

HEDDLE_COMPONENT(console_component){
    .name = "console",
    .provides = {},
    .needs = component::interfaces<StopToken>,
    .start = start,
    .stop = stop,
};

} // namespace
} // namespace heddle::core::console
