// SPDX-License-Identifier: BSD-2-Clause
// The handler table over a made-up controller, and one real interrupt from end to end.
#include "core/component/wiring.hpp"
#include "core/cpu/cpu_local.hpp"
#include "core/interrupt/context.hpp"
#include "core/interrupt/interrupts.hpp"
#include "core/time/monotonic.hpp"
#include "machine/cpu.hpp"
#include "test/floor/captured_console.hpp"
#include "test/floor/floor.hpp"

#include <doctest/doctest.h>

namespace heddle::test {
namespace {

using namespace core::interrupt;

/// Notes what it is asked; knows lines below 900.
class MadeController final : public Controller {
  public:
    std::string_view name() const override { return "made up"; }

    Result<void> enable(InterruptId interrupt, Trigger, Polarity, CpuId) override {
        if (interrupt.value >= 900) {
            return fail(Error::out_of_range);
        }
        ++enabled;
        return {};
    }

    void disable(InterruptId) override { ++disabled; }

    Result<void> raise(InterruptId) override { return fail(Error::not_supported); }

    Result<void> start_on_this_cpu() override { return fail(Error::not_supported); }

    unsigned enabled = 0;
    unsigned disabled = 0;
};

/// A line that no device of these machines has.
constexpr InterruptId unused{899};

void count_up(void* argument) {
    ++*static_cast<unsigned*>(argument);
}

Result<void> connect_to(Controller& controller, InterruptId interrupt, unsigned& counter) {
    return connect(controller, interrupt, Trigger::level, Polarity::high, {count_up, &counter});
}

/// Dispatches as the machine does, without the log line for a missing handler reaching the console.
void deliver(InterruptId interrupt) {
    CapturedConsole captured;
    const auto interrupts = machine::save_and_disable_interrupts();
    {
        const ContextGuard context;
        dispatch(interrupt);
    }
    machine::restore_interrupts(interrupts);
    core::console::poll();
}

TEST_CASE("interrupts: a connected handler is called with its argument and counted") {
    MadeController controller;
    unsigned calls = 0;
    const std::uint64_t counted = count(unused);
    REQUIRE(connect_to(controller, unused, calls).has_value());
    deliver(unused);
    deliver(unused);
    disconnect(controller, unused);
    CHECK(calls == 2);
    CHECK(count(unused) == counted + 2);
    CHECK(controller.enabled == 1);
    CHECK(controller.disabled == 1);
}

TEST_CASE("interrupts: a line has one handler; it is free again after disconnect") {
    MadeController controller;
    unsigned first = 0, second = 0;
    REQUIRE(connect_to(controller, unused, first).has_value());
    CHECK(connect_to(controller, unused, second).error() == Error::busy);
    deliver(unused);
    disconnect(controller, unused);
    CHECK(first == 1);
    REQUIRE(connect_to(controller, unused, second).has_value());
    deliver(unused);
    disconnect(controller, unused);
    CHECK(first == 1);
    CHECK(second == 1);
}

TEST_CASE("interrupts: one without a handler is counted as spurious and harms nobody") {
    const std::uint64_t before = spurious_count();
    deliver(unused);
    deliver(InterruptId{InterruptId::limit});
    CHECK(spurious_count() == before + 2);
}

TEST_CASE("interrupts: a line that the controller does not have stays free") {
    MadeController controller;
    unsigned calls = 0;
    for (int i = 0; i < 2; ++i) {
        CHECK(connect_to(controller, InterruptId{950}, calls).error() == Error::out_of_range);
    }
    CHECK(connect_to(controller, InterruptId{InterruptId::limit}, calls).error() == Error::out_of_range);
    const std::uint64_t before = spurious_count();
    deliver(InterruptId{950});
    CHECK(spurious_count() == before + 1);
    CHECK(calls == 0);
}

TEST_CASE("interrupts: handlers that nest too deep are a panic (ENT-11, negative control)" *
          expect_panic("interrupt handlers nest 5 deep")) {
    machine::disable_interrupts();
    const ContextGuard a, b, c, d, e;
}

constinit Controller* machine_controller = nullptr;

Result<void> start(core::component::Wiring& wiring) {
    machine_controller = &wiring.get<Controller>();
    return {};
}

HEDDLE_COMPONENT(interrupts_test){
    .name = "interrupts-test",
    .provides = {},
    .needs = core::component::interfaces<Controller>,
    .start = start,
};

/// What a real handler saw.
struct Seen {
    volatile unsigned calls = 0;
    bool in_interrupt = false;
    bool interrupts_off = false;
    bool on_interrupt_stack = false;
    std::uint64_t stack = 0;
};

void look(void* argument) {
    auto& seen = *static_cast<Seen*>(argument);
    seen.calls = seen.calls + 1;
    seen.in_interrupt = core::cpu::in_interrupt();
    seen.interrupts_off = !machine::interrupts_enabled();
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    seen.on_interrupt_stack = here > seen.stack || seen.stack - here > 64_KiB;
}

/// A line that this machine has and no device of it uses: an SPI of the GIC, or a pin of the IOAPIC.
Result<InterruptId> connect_free_line(Seen& seen) {
    for (const InterruptId candidate : {InterruptId{200}, InterruptId{21}}) {
        if (connect(*machine_controller, candidate, Trigger::edge, Polarity::high, {look, &seen})) {
            return candidate;
        }
    }
    return fail(Error::not_found);
}

TEST_CASE("interrupts: a raised one comes through to its handler, on the interrupt stack (ENT-11)") {
    Seen seen;
    seen.stack = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const auto line = connect_free_line(seen);
    REQUIRE(line.has_value());
    constexpr unsigned times = 3;
    bool raised = true;
    for (unsigned i = 0; i < times; ++i) {
        raised = raised && machine_controller->raise(*line).has_value();
        const Nanoseconds end = core::time::now() + 1_s;
        while (seen.calls <= i && core::time::now() < end) {
            machine::pause();
        }
    }
    disconnect(*machine_controller, *line);
    CHECK(raised);
    CHECK(seen.calls == times);
    CHECK(seen.in_interrupt);
    CHECK(seen.interrupts_off);
    CHECK(seen.on_interrupt_stack);
    CHECK(machine::interrupts_enabled());
}

TEST_CASE("interrupts: one that is raised while interrupts are off waits until they are on") {
    Seen seen;
    const auto line = connect_free_line(seen);
    REQUIRE(line.has_value());
    machine::disable_interrupts();
    const bool raised = machine_controller->raise(*line).has_value();
    for (unsigned i = 0; i < 100'000; ++i) {
        machine::pause();
    }
    const unsigned while_off = seen.calls;
    machine::enable_interrupts();
    const Nanoseconds end = core::time::now() + 1_s;
    while (seen.calls == 0 && core::time::now() < end) {
        machine::pause();
    }
    disconnect(*machine_controller, *line);
    CHECK(raised);
    CHECK(while_off == 0);
    CHECK(seen.calls == 1);
}

} // namespace
} // namespace heddle::test
