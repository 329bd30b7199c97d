// SPDX-License-Identifier: BSD-2-Clause
// The subset of libc's string functions that the kernel has, with C's contracts. Callers include <cstring>
// and <cstdlib>; this header is for the definitions, which it gives the linkage that those headers promise.
#pragma once

#include <cstddef>

extern "C" {

void* memcpy(void* destination, const void* source, std::size_t count) noexcept;
void* memmove(void* destination, const void* source, std::size_t count) noexcept;
void* memset(void* destination, int value, std::size_t count) noexcept;
int memcmp(const void* first, const void* second, std::size_t count) noexcept;
int bcmp(const void* first, const void* second, std::size_t count) noexcept;
void* memchr(const void* memory, int value, std::size_t count) noexcept;

std::size_t strlen(const char* text) noexcept;
std::size_t strnlen(const char* text, std::size_t limit) noexcept;
int strcmp(const char* first, const char* second) noexcept;
int strncmp(const char* first, const char* second, std::size_t limit) noexcept;
char* strchr(const char* text, int character) noexcept;
char* strrchr(const char* text, int character) noexcept;
char* strstr(const char* text, const char* wanted) noexcept;

/// Base 0 (by prefix) or 2…36. Without errno: a value that does not fit is ULONG_MAX and nothing more is
/// said.
unsigned long strtoul(const char* text, char** end, int base) noexcept;

} // extern "C"
