// SPDX-License-Identifier: BSD-2-Clause
// The rest of libc that doctest calls, beyond the kernel's string functions: small, and each as C says unless
// noted.
#include "test/port/bridge.hpp"

#include <cstddef>
#include <ctime>
#include <exception>
#include <new>

extern "C" {

// Declared here and not by <cstdlib> and its like, which define some of them inline.
int tolower(int c);
long strtol(const char* text, char** end, int base);
unsigned long strtoul(const char* text, char** end, int base);
int atoi(const char* text);
void srand(unsigned seed);
int rand();
int isatty(int file);
[[noreturn]] void exit(int status);

int tolower(int c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

long strtol(const char* text, char** end, int base) {
    return static_cast<long>(strtoul(text, end, base));
}

int atoi(const char* text) {
    return static_cast<int>(strtol(text, nullptr, 10));
}

namespace {

/// The state of rand(); doctest's order is to be repeatable from its own rand-seed option alone.
constinit unsigned long random_state = 1;

} // namespace

void srand(unsigned seed) {
    random_state = seed;
}

int rand() {
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<int>(random_state >> 33);
}

/// Seconds since boot: the image under test does not read the wall clock for doctest.
time_t time(time_t* result) {
    const auto now = static_cast<time_t>(heddle::test::port::microseconds() / 1'000'000);
    if (result != nullptr) {
        *result = now;
    }
    return now;
}

/// The time of day only: a boot never lasts to the second day of 1970.
tm* gmtime_r(const time_t* time, tm* result) {
    *result = {};
    result->tm_sec = static_cast<int>(*time % 60);
    result->tm_min = static_cast<int>(*time / 60 % 60);
    result->tm_hour = static_cast<int>(*time / 3600 % 24);
    result->tm_mday = 1;
    result->tm_year = 70;
    return result;
}

/// For doctest's one format, "%Y-%m-%dT%H:%M:%SZ", whatever `format` says.
size_t strftime(char* text, size_t size, const char*, const tm* time) {
    constexpr size_t length = sizeof("1970-01-01T00:00:00Z");
    if (size < length) {
        return 0;
    }
    char* at = text;
    const auto two = [&at](int value, char after) {
        *at++ = static_cast<char>('0' + value / 10 % 10);
        *at++ = static_cast<char>('0' + value % 10);
        *at++ = after;
    };
    two(19 + time->tm_year / 100, '\0');
    --at;
    two(time->tm_year % 100, '-');
    two(time->tm_mon + 1, '-');
    two(time->tm_mday, 'T');
    two(time->tm_hour, ':');
    two(time->tm_min, ':');
    two(time->tm_sec, 'Z');
    *at = '\0';
    return length - 1;
}

/// No terminal as far as colours go; doctest.force-colors=1 has them.
int isatty(int) {
    return 0;
}

void exit(int) {
    heddle::test::port::fatal("exit() was called");
}

} // extern "C"

namespace std {

int uncaught_exceptions() noexcept {
    return 0;
}

} // namespace std

void* operator new(std::size_t bytes) {
    return heddle::test::port::allocate(bytes);
}

void* operator new[](std::size_t bytes) {
    return heddle::test::port::allocate(bytes);
}

void operator delete(void* memory) noexcept {
    heddle::test::port::deallocate(memory);
}

void operator delete[](void* memory) noexcept {
    heddle::test::port::deallocate(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    heddle::test::port::deallocate(memory);
}

void operator delete[](void* memory, std::size_t) noexcept {
    heddle::test::port::deallocate(memory);
}
