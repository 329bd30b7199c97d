// SPDX-License-Identifier: BSD-2-Clause
// Pointer authentication: the kernel's key inside, five keys of the program's outside.
#include "cpu/features.hpp"
#include "cpu/registers.hpp"
#include "test/arch/aarch64/programs.hpp"
#include "test/floor/every_cpu.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <functional>

namespace heddle::test {
namespace {

using machine::TrapFrame;

constexpr std::uint64_t pointer = 0x1234'5678;
constexpr std::uint64_t modifier = 0x1000;

enum : unsigned { at_sign = 0, at_check = 6 };

/// What a program's five keys make of a pointer; the last is APGA's code.
using Signatures = std::array<std::uint64_t, 5>;
constexpr std::size_t apga = 4;

Signatures signatures(const TrapFrame& frame) {
    return {frame.x[1], frame.x[3], frame.x[4], frame.x[5], frame.x[6]};
}

/// By the key that is in place.
std::uint64_t sign_here(std::uint64_t value) {
    asm volatile("mov x17, %0\n\tmov x16, %1\n\thint #8\n\tmov %0, x17"
                 : "+r"(value)
                 : "r"(modifier)
                 : "x16", "x17"); // PACIA1716
    return value;
}

TrapFrame signing_frame() {
    TrapFrame frame = Programs::frame(at_sign);
    for (const unsigned i : {1, 3, 4, 5, 7}) {
        frame.x[i] = pointer;
    }
    frame.x[2] = modifier;
    return frame;
}

/// Lets a program sign twice, with a system call, an interrupt and the kernel's own signing in between.
class SignsTwice final : public Visitor {
  public:
    explicit SignsTwice(Findings& findings)
        : findings_{findings} {}

    void system_call(TrapFrame& frame) override {
        findings_.expect(sign_here(pointer) == outside_, "the kernel's key is not in place in a handler");
        if (++count_ == 2) {
            findings_.expect(signatures(frame) == first_, "a program's key has changed");
            machine::leave_user();
        }
        first_ = signatures(frame);
        const TrapFrame again = signing_frame();
        frame.x = again.x;
        frame.program_counter = again.program_counter;
    }

    const Signatures& found() const { return first_; }

  private:
    Findings& findings_;
    const std::uint64_t outside_ = sign_here(pointer);
    Signatures first_{};
    unsigned count_ = 0;
};

class Ending final : public Visitor {};

bool have_keys() {
    if (!aarch64::cpu_features.pointer_authentication) {
        skip("the CPU does not sign pointers");
        return false;
    }
    return true;
}

bool none_equal(const Signatures& a, const Signatures& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i]) {
            return false;
        }
    }
    return true;
}

/// A signature has 15 bits, so chance makes two equal once in a while; never so often.
constexpr unsigned attempts = 8;

TEST_SUITE_BEGIN("arch/aarch64");

TEST_CASE("ENT-12 a program keeps its five keys across entries, and the next one has others, on every CPU") {
    if (!have_keys()) {
        return;
    }
    const Programs programs{instruction::pacia_x1_x2, instruction::pacib_x3_x2,    instruction::pacda_x4_x2,
                            instruction::pacdb_x5_x2, instruction::pacga_x6_x7_x2, instruction::svc};
    Findings findings;
    CHECK(on_every_cpu([&] {
        Signatures before{};
        std::array<bool, std::tuple_size_v<Signatures>> has_signed{};
        unsigned all_new = 0;
        for (unsigned i = 0; i < attempts; ++i) {
            TrapFrame frame = signing_frame();
            SignsTwice visitor{findings};
            Programs::run(frame, visitor);
            all_new += none_equal(visitor.found(), before) ? 1 : 0;
            before = visitor.found();
            for (std::size_t key = 0; key < before.size(); ++key) {
                has_signed[key] = has_signed[key] || before[key] != (key == apga ? 0 : pointer);
            }
        }
        findings.expect(std::ranges::all_of(has_signed, std::identity{}), "a key is switched off");
        findings.expect(all_new >= attempts - 2, "keys are not drawn for each program");
    }));
    findings.check();
}

TEST_CASE("ENT-12 what the kernel signed does not pass in a program, nor the other way round, on every CPU") {
    if (!have_keys()) {
        return;
    }
    const Programs programs{instruction::pacia_x1_x2,    instruction::pacib_x3_x2,
                            instruction::pacda_x4_x2,    instruction::pacdb_x5_x2,
                            instruction::pacga_x6_x7_x2, instruction::svc,
                            instruction::autia_x1_x2,    instruction::svc};
    Findings findings;
    CHECK(on_every_cpu([&] {
        unsigned signed_alike = 0;
        unsigned passed = 0;
        for (unsigned i = 0; i < attempts; ++i) {
            Ending ending; // a system call, or, with FEAT_FPAC, an exception
            TrapFrame signing = signing_frame();
            Programs::run(signing, ending);
            signed_alike += signing.x[1] == sign_here(pointer) ? 1 : 0;
            TrapFrame checking = Programs::frame(at_check);
            checking.x[1] = sign_here(pointer);
            checking.x[2] = modifier;
            Programs::run(checking, ending);
            passed += checking.x[1] == pointer ? 1 : 0;
        }
        findings.expect(signed_alike <= 1, "a program signs as the kernel does");
        findings.expect(passed <= 1, "a program takes what the kernel signed");
    }));
    findings.check();
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
