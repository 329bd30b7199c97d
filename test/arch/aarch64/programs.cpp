// SPDX-License-Identifier: BSD-2-Clause
// Programs: the handlers that ask the CPU's visitor, and registers to compare.
#include "test/arch/aarch64/programs.hpp"

#include "core/cpu/cross_call.hpp"
#include "machine/cpu.hpp"
#include "test/floor/background.hpp"
#include "test/floor/random.hpp"

#include <span>

namespace heddle::test {
namespace {

using machine::TrapFrame;

constexpr std::uint64_t conditions = 0xf000'0000;

/// Whose program runs; its own CPU's only.
constinit std::array<Visitor*, CpuId::limit> visitors{};

Visitor& visitor() {
    return *visitors[core::cpu::current().id.value];
}

constexpr core::user::Handlers handlers{
    .system_call = [](TrapFrame& frame) { visitor().system_call(frame); },
    .exception = [](TrapFrame& frame) { visitor().exception(frame); },
    .work = [](TrapFrame& frame, std::uint32_t flags) { visitor().work(frame, flags); }};

} // namespace

Programs::Programs(std::initializer_list<std::uint32_t> instructions)
    : before_{core::user::set_handlers(&handlers)} {
    code_page_.load(std::as_bytes(std::span{instructions.begin(), instructions.size()}));
    for (const CpuId cpu : core::cpu::online()) {
        data_pages_[cpu.value].emplace(data + cpu.value * 2 * page_size, page_size,
                                       core::memory::Access::read_write);
    }
}

Programs::~Programs() {
    core::user::set_handlers(before_);
}

void Programs::run(TrapFrame& frame, Visitor& visitor) {
    Visitor*& own = visitors[core::cpu::current().id.value];
    own = &visitor;
    machine::enter_user(frame);
    own = nullptr;
}

void fill_registers(TrapFrame& frame, std::uint64_t seed) {
    Random random{seed};
    for (std::uint64_t& each : frame.x) {
        each = random.next();
    }
    frame.stack_pointer = random.next();
    frame.pstate = random.next() & conditions;
}

bool same_registers(const TrapFrame& a, const TrapFrame& b) {
    return a.x == b.x && a.stack_pointer == b.stack_pointer &&
           (a.pstate & conditions) == (b.pstate & conditions);
}

bool Interrupted::run(TrapFrame& frame) {
    core::cpu::CrossCall call{[](void*) { core::user::request_work(core::cpu::current().id, 1); }, nullptr};
    machine::disable_interrupts();
    core::cpu::post(core::cpu::current().id, call);
    Programs::run(frame, *this);
    return eventually([&] { return call.done(); });
}

Seeds::Seeds()
    : base_{random().next()} {}

} // namespace heddle::test
