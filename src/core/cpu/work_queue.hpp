// SPDX-License-Identifier: BSD-2-Clause
// Work for whichever CPU has nothing to do: run in thread context by the idle loops. Threads will take its
// place for programs.
#pragma once

#include "lib/intrusive.hpp"

#include <cstddef>

namespace heddle::core::cpu {

/// A piece of work; the submitter owns it until `function` is called, which may end it. It runs once, with
/// interrupts on, on one CPU, and may not wait for other work except through for_each_parallel().
struct Work {
    void (*function)(Work& work) = nullptr;
    ListHook hook;
    bool queued = false; ///< the queue's, under its lock
};

/// Hands `work` to the CPUs that idle and wakes one of them. First come, first served. Any context.
void submit(Work& work);

/// Takes `work` back: true if nobody has it yet, and then nobody will. Any context.
bool withdraw(Work& work);

/// Whether any work waits. Any context.
bool work_waits();

/// Runs one waiting piece on the calling CPU; false when there is none. Thread context, interrupts on.
bool run_one();

/// Calls `function(argument, i)` once for each i in 0 … count - 1, spread over all CPUs that have nothing
/// else to do and the caller's, and returns when all are done. Calls for different i run at the same time,
/// each i's in thread context with interrupts on. Nests. Thread context, interrupts on.
void for_each_parallel(std::size_t count, void (*function)(void* argument, std::size_t index),
                       void* argument);

} // namespace heddle::core::cpu
