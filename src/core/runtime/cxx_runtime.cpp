// SPDX-License-Identifier: BSD-2-Clause
// What C++ and libstdc++'s headers refer to when something has gone wrong that would be an exception
// elsewhere. The kernel has none, so each is a panic that names the function and what it was told.
#include "core/panic.hpp"

#include <bits/functexcept.h>
#include <exception>

using heddle::core::panic;

extern "C" {

[[noreturn]] void __cxa_pure_virtual();
[[noreturn]] void __cxa_deleted_virtual();
[[noreturn]] void abort();

void __cxa_pure_virtual() {
    panic("a pure virtual function was called");
}

void __cxa_deleted_virtual() {
    panic("a deleted virtual function was called");
}

void abort() {
    panic("abort() was called");
}

/// assert() of <cassert>, which libraries use.
[[noreturn]] void __assert_fail(const char* expression, const char* file, unsigned line,
                                const char* function);

void __assert_fail(const char* expression, const char* file, unsigned line, const char* function) {
    panic("assertion failed: {} at {}:{} in {}", expression, file, line, function);
}

} // extern "C"

namespace std {

void terminate() noexcept {
    panic("std::terminate() was called");
}

void __glibcxx_assert_fail(const char* file, int line, const char* function, const char* condition) noexcept {
    panic("libstdc++: {} at {}:{} in {}", condition, file, line, function);
}

void __throw_bad_alloc() {
    panic("libstdc++: bad_alloc");
}

void __throw_bad_array_new_length() {
    panic("libstdc++: bad_array_new_length");
}

void __throw_bad_function_call() {
    panic("libstdc++: bad_function_call");
}

void __throw_invalid_argument(const char* what) {
    panic("libstdc++: invalid_argument: {}", what);
}

void __throw_length_error(const char* what) {
    panic("libstdc++: length_error: {}", what);
}

void __throw_logic_error(const char* what) {
    panic("libstdc++: logic_error: {}", what);
}

void __throw_out_of_range(const char* what) {
    panic("libstdc++: out_of_range: {}", what);
}

/// `format` is printed as it is: the numbers in it are not worth a second formatter.
void __throw_out_of_range_fmt(const char* format, ...) {
    panic("libstdc++: out_of_range: {}", format);
}

} // namespace std
