// SPDX-License-Identifier: BSD-2-Clause
// Names for clang's thread-safety attributes, so that a lock's contract is part of the type. No behaviour of
// its own.
#pragma once

#define HEDDLE_CAPABILITY(name) __attribute__((capability(name)))
#define HEDDLE_SCOPED_CAPABILITY __attribute__((scoped_lockable))
#define GUARDED_BY(lock) __attribute__((guarded_by(lock)))
#define PT_GUARDED_BY(lock) __attribute__((pt_guarded_by(lock)))
#define REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define ACQUIRES(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define RELEASES(...) __attribute__((release_capability(__VA_ARGS__)))
#define TRY_ACQUIRES(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))
#define RETURNS_CAPABILITY(lock) __attribute__((lock_returned(lock)))
#define UNCHECKED_LOCKING __attribute__((no_thread_safety_analysis))
