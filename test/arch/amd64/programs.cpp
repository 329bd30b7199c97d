// SPDX-License-Identifier: BSD-2-Clause
// Programs: the handlers that ask the CPU's visitor, and registers to compare.
#include "test/arch/amd64/programs.hpp"

#include "test/floor/random.hpp"

namespace heddle::test {
namespace {

using machine::TrapFrame;

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

Programs::Programs()
    : before_{core::user::set_handlers(&handlers)} {
    code_page_.load(std::as_bytes(std::span{heddle_fragment_begin, heddle_fragment_end}));
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
    for (std::uint64_t TrapFrame::* const each :
         {&TrapFrame::rax, &TrapFrame::rbx, &TrapFrame::rcx, &TrapFrame::rdx, &TrapFrame::rsi,
          &TrapFrame::rdi, &TrapFrame::rbp, &TrapFrame::r8, &TrapFrame::r9, &TrapFrame::r10, &TrapFrame::r11,
          &TrapFrame::r12, &TrapFrame::r13, &TrapFrame::r14, &TrapFrame::r15, &TrapFrame::rsp}) {
        frame.*each = random.next();
    }
    constexpr std::uint64_t any = Flag::status | Flag::direction | Flag::alignment | Flag::identification;
    frame.rflags = (random.next() & any) | Flag::always_set | machine::interrupt_flag;
}

bool same_registers(const TrapFrame& a, const TrapFrame& b, bool after_system_call) {
    const bool taken = after_system_call
                           ? b.rcx == b.rip && (b.r11 & ~Flag::resume) == (a.rflags & ~Flag::resume)
                           : a.rcx == b.rcx && a.r11 == b.r11;
    return taken && a.rax == b.rax && a.rbx == b.rbx && a.rdx == b.rdx && a.rsi == b.rsi && a.rdi == b.rdi &&
           a.rbp == b.rbp && a.r8 == b.r8 && a.r9 == b.r9 && a.r10 == b.r10 && a.r12 == b.r12 &&
           a.r13 == b.r13 && a.r14 == b.r14 && a.r15 == b.r15 && a.rsp == b.rsp &&
           (a.rflags & ~Flag::resume) == (b.rflags & ~Flag::resume);
}

} // namespace heddle::test
