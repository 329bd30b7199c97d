// SPDX-License-Identifier: BSD-2-Clause
// The compiler's safety nets: the stack protector, and what stands in for exceptions.
#include "test/floor/floor.hpp"

#include <cstdint>
#include <doctest/doctest.h>
#include <optional>
#include <string>

extern "C" const std::uintptr_t __stack_chk_guard;

namespace heddle::test {
namespace {

/// Writes `count` bytes from the start of its 16-byte buffer on, past it if told so.
[[gnu::noinline]] unsigned fill_buffer(std::size_t count) {
    char buffer[16]{};
    volatile char* const at = buffer;
    for (std::size_t i = 0; i < count; ++i) {
        at[i] = 'x';
    }
    return static_cast<unsigned>(at[0]);
}

/// Calls its own pure virtual function before there is another.
class Unfinished {
  public:
    Unfinished() { call(); }

    virtual int answer() const = 0;

  protected:
    ~Unfinished() = default;

  private:
    [[gnu::noinline]] void call() {
        const Unfinished* volatile self = this;
        value_ = self->answer();
    }

    int value_ = 0;
};

class Finished final : public Unfinished {
  public:
    int answer() const override { return 42; }
};

TEST_SUITE_BEGIN("core/runtime");

TEST_CASE("the canary was drawn at boot and stops strings") {
    CHECK(__stack_chk_guard != 0x5ac7'e1f0'0dd0'0a00);
    CHECK((__stack_chk_guard & 0xff) == 0);
    CHECK(__stack_chk_guard != 0);
    CHECK(fill_buffer(16) == 'x');
}

TEST_CASE("writing past a buffer is caught before the function returns" * expect_panic("stack smashed in")) {
    static_cast<void>(fill_buffer(48));
}

TEST_CASE("a pure virtual call is a panic" * expect_panic("a pure virtual function was called")) {
    Finished object;
    static_cast<void>(object.answer());
}

TEST_CASE("what would be an exception of libstdc++'s is a panic that names it" *
          expect_panic("libstdc++: length_error: basic_string::_M_create")) {
    std::string text;
    text.reserve(text.max_size() + 1);
}

TEST_CASE("a broken precondition of libstdc++'s is a panic in test images" *
          expect_panic("this->_M_is_engaged()")) {
    const std::optional<int> nothing;
    const volatile int value = *nothing;
    static_cast<void>(value);
}

TEST_SUITE_END();

} // namespace
} // namespace heddle::test
