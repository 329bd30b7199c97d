// SPDX-License-Identifier: BSD-2-Clause
// A system call that returns by SYSRET, one that returns by IRET, an exception, a single step, which changes
// stacks, an interrupt.
#include "test/arch/amd64/passages.hpp"

#include "interrupt/local_apic.hpp"
#include "test/arch/amd64/provoke.hpp"
#include "trap/trap.hpp"

namespace heddle::test {
namespace {

using amd64::local_apic;
using machine::TrapFrame;

/// Leaves at the second system call or exception; whatever comes must find the registers as they were.
class Passenger : public Visitor {
  public:
    explicit Passenger(const TrapFrame& before)
        : before_{before} {}

    void system_call(TrapFrame& frame) final { arrive(frame, true); }

    void exception(TrapFrame& frame) final { arrive(frame, false); }

    void work(TrapFrame& frame, std::uint32_t) final {
        interrupted = true;
        unharmed = unharmed && same_registers(before_, frame);
    }

    bool unharmed = true;
    bool interrupted = false;

  protected:
    ~Passenger() = default;
    virtual void go_on(TrapFrame& frame) const = 0;

    const TrapFrame& before_;

  private:
    void arrive(TrapFrame& frame, bool by_call) {
        unharmed = unharmed && frame.from_user() && same_registers(before_, frame, by_call);
        if (++arrivals_ == 2) {
            machine::leave_user();
        }
        go_on(frame);
    }

    unsigned arrivals_ = 0;
};

class Caller final : public Passenger {
  public:
    using Passenger::Passenger;

  private:
    void go_on(TrapFrame&) const override {}
};

class CallerByIret final : public Passenger {
  public:
    using Passenger::Passenger;

  private:
    void go_on(TrapFrame& frame) const override { frame.rcx = before_.rcx; }
};

class Faulter final : public Passenger {
  public:
    using Passenger::Passenger;

  private:
    void go_on(TrapFrame& frame) const override { frame.rip += 2; }
};

class Interrupted final : public Passenger {
  public:
    using Passenger::Passenger;

  private:
    void go_on(TrapFrame& frame) const override {
        local_apic().interrupt_self(test_vector); // interrupts are off until the program has them on
        frame.rip += 2;
    }
};

template <class Who>
bool pass(const char* fragment, std::uint64_t seed, std::uint32_t timer, std::uint64_t flags = 0) {
    TrapFrame frame = Programs::frame(fragment);
    fill_registers(frame, seed);
    frame.rflags |= flags;
    const TrapFrame before = frame;
    Who who{before};
    if (timer != 0) {
        local_apic().write(amd64::LocalApicRegister::timer_initial_count, timer);
    }
    Programs::run(frame, who);
    return who.unharmed && who.interrupted == std::is_same_v<Who, Interrupted>;
}

bool call(std::uint64_t seed, std::uint32_t timer) {
    return pass<Caller>(heddle_fragment_two_calls, seed, timer);
}

bool call_by_iret(std::uint64_t seed, std::uint32_t timer) {
    return pass<CallerByIret>(heddle_fragment_two_calls, seed, timer);
}

bool fault(std::uint64_t seed, std::uint32_t timer) {
    return pass<Faulter>(heddle_fragment_undefined, seed, timer);
}

bool step(std::uint64_t seed, std::uint32_t timer) {
    return pass<Caller>(heddle_fragment_step, seed, timer, Flag::trap);
}

bool interrupt(std::uint64_t seed, std::uint32_t timer) {
    return pass<Interrupted>(heddle_fragment_interrupted, seed, timer);
}

} // namespace

Passages::Passages()
    : all{{{"a system call", Door::system_call(), call},
           {"a system call, back by IRET", Door::exception(), call_by_iret},
           {"an exception", Door::exception(), fault},
           {"a single step", Door::exception(), step},
           {"an interrupt", Door::interrupt(), interrupt}}} {
    amd64::set_vector_handler(test_vector, [](std::uint8_t) {
        core::user::request_work(core::cpu::current().id, 1);
        local_apic().end_of_interrupt();
    });
}

Passages::~Passages() {
    amd64::set_vector_handler(test_vector, nullptr);
}

} // namespace heddle::test
