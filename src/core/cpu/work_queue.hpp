// SPDX-License-Identifier: BSD-2-Clause
// Work for whichever CPU has nothing to do: run in thread context by the idle loops. Threads will take its place for programs.
#pragma once

#include "lib/intrusive.hpp"

#include <atomic>
#include <cstddef>

namespace heddle::core::cpu {

/// A piece of work; the submitter owns it until `function` has returned. It runs once, with interrupts on, on one CPU,
/// and may not wait for other work except through for_each_parallel().
struct Work {
    void (*function)(Work& work) = nullptr;
    StackHook hook;
};

/// Hands `work` to the CPUs that idle and wakes one. Any context.
void submit(Work& work);

/// Runs one waiting piece on the calling CPU; false when there is none. Thread context.
bool run_one();

/// Calls `function(argument, i)` for each i in 0 … count - 1, spread over all online CPUs, the caller's included, and
/// returns when all are done. Calls for different i run at the same time. Thread context; nests.
void for_each_parallel(std::size_t count, void (*function)(void* argument, std::size_t index), void* argument);

} // namespace heddle::core::cpu
