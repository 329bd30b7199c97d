// SPDX-License-Identifier: BSD-2-Clause
// Negative controls: each program beside this one has one mistake (mutate.py), and must be caught.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

/// The last part of this program's path is replaced by the control's name.
std::string beside_this_program(std::string_view name) {
    std::array<char, 4096> path{};
    const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
    const std::string own{path.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    return own.substr(0, own.rfind('/') + 1) + std::string{name};
}

/// The wait status of a run, its output discarded.
int run(const std::string& program) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(60); // a mistake may well be a hang
        setenv("TSAN_OPTIONS", "halt_on_error=1", 1);
        if (freopen("/dev/null", "w", stdout) == nullptr || freopen("/dev/null", "w", stderr) == nullptr) {
            _exit(0);
        }
        execl(program.c_str(), program.c_str(), nullptr);
        _exit(0); // not there: the case fails
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

TEST_CASE("each mistake is caught") {
    const std::vector<std::string_view> controls{HEDDLE_CONTROLS};
    REQUIRE(controls.size() > 10);
    for (const std::string_view control : controls) {
        // A mistake of timing needs luck: a few tries, of which each sees it nearly always.
        bool caught = false;
        for (int attempt = 0; attempt < 5 && !caught; ++attempt) {
            const int status = run(beside_this_program(control));
            caught = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
        }
        INFO(std::string{control});
        CHECK(caught);
    }
}

} // namespace
