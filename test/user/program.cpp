// SPDX-License-Identifier: BSD-2-Clause
// Each CPU notes what its program did in a place of its own.
#include "test/user/program.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/memory/layout.hpp"
#include "test/floor/floor.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace heddle::test {
namespace {

using machine::TrapFrame;

struct Noted {
    Outcome::Why why;
    std::uint32_t work;
    Fault fault;
};

constinit std::array<Noted, CpuId::limit> noted{};

[[noreturn]] void leave(Noted what) {
    noted[core::cpu::current().id.value] = what;
    machine::leave_user();
}

void end_at_call(TrapFrame&) {
    leave({Outcome::Why::system_call, 0, {}});
}

void end_at_exception(TrapFrame& frame) {
    leave({Outcome::Why::exception, 0, fault_of(frame)});
}

void end_at_work(TrapFrame&, std::uint32_t flags) {
    leave({Outcome::Why::work, flags, {}});
}

constexpr core::user::Handlers ending{end_at_call, end_at_exception, end_at_work};

std::span<const std::byte> fragments() {
    return std::as_bytes(std::span{heddle_fragment_begin, heddle_fragment_end});
}

} // namespace

UserMemory::UserMemory(VirtAddr begin, std::uint64_t size, core::user::Access access)
    : begin_{begin}
    , size_{size} {
    REQUIRE(user_space().map(begin, size, access));
}

UserMemory::~UserMemory() {
    const auto unmapped = user_space().unmap(begin_, size_);
    CHECK(unmapped);
}

std::uint8_t* UserMemory::kernel_view(std::uint64_t offset) const {
    const auto translation = user_space().translate(begin_ + offset);
    return translation ? core::memory::to_virtual(translation->address).as<std::uint8_t>() : nullptr;
}

void UserMemory::fill(std::uint8_t value) const {
    for (std::uint64_t offset = 0; offset < size_; offset += page_size) {
        std::memset(kernel_view(offset), value, page_size);
    }
}

void UserMemory::load(std::span<const std::byte> bytes) const {
    for (std::uint64_t offset = 0; offset < bytes.size(); offset += page_size) {
        std::memcpy(kernel_view(offset), bytes.data() + offset,
                    std::min<std::size_t>(page_size, bytes.size() - offset));
    }
    machine::synchronise_instructions(begin_, bytes.size());
}

Program::Program()
    : Program{fragments()} {}

Program::Program(std::span<const std::byte> instructions)
    : code_page_{code, page_size, core::user::Access::read_execute}
    , stack_page_{stack, page_size, core::user::Access::read_write}
    , before_{core::user::set_handlers(&ending)} {
    REQUIRE(instructions.size() <= page_size);
    code_page_.load(instructions);
}

Program::~Program() {
    core::user::set_handlers(before_);
}

Outcome Program::run(TrapFrame frame) {
    machine::enter_user(frame);
    const Noted& own = noted[core::cpu::current().id.value];
    return {.why = own.why, .work = own.work, .fault = own.fault, .frame = frame};
}

} // namespace heddle::test
