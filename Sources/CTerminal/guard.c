#define _GNU_SOURCE
#include "CTerminal.h"
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

// A crash must leave a usable terminal behind, and the runtime's last words must not vanish with the screen. All that
// the handler needs is prepared here before anything can go wrong.

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT, SIGSYS, SIGXCPU};
enum { crash_count = sizeof crashes / sizeof *crashes };

static struct sigaction before[crash_count];
static char farewell[512];
static size_t farewell_count;
static struct termios modes;
static volatile sig_atomic_t armed;
static volatile sig_atomic_t installed;
static int kept = -1, real_error = -1;
static _Alignas(16) char stack[64 * 1024];

static void send_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(descriptor, bytes, count);
        if (sent < 0 && errno == EINTR) { continue; }
        if (sent <= 0) { return; }
        bytes += sent;
        count -= (size_t)sent;
    }
}

static void show_kept_errors(void) {
    if (real_error < 0) { return; }
    dup2(real_error, STDERR_FILENO);
    char buffer[4096];
    off_t offset = 0;
    ssize_t count;
    while (kept >= 0 && (count = pread(kept, buffer, sizeof buffer, offset)) > 0) {
        send_all(STDERR_FILENO, buffer, (size_t)count);
        offset += count;
    }
}

void piste_guard_restore(void) {
    if (!armed) { return; }
    armed = 0;
    int error = errno;
    send_all(STDOUT_FILENO, farewell, farewell_count);
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    show_kept_errors();
    errno = error;
}

static void crashed(int number) {
    piste_guard_restore();
    signal(number, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
    _exit(128 + number);
}

void piste_guard_arm(const char *reset, size_t count) {
    farewell_count = count < sizeof farewell ? count : sizeof farewell;
    memcpy(farewell, reset, farewell_count);
    armed = 1;
}

void piste_crashes_end(void) {
    if (getenv("SWIFT_BACKTRACE") != NULL) { return; }
    for (int index = 0; index < crash_count; index++) { signal(crashes[index], SIG_DFL); }
}

static void keep_errors(void) {
    if (!isatty(STDERR_FILENO)) { return; }
    kept = memfd_create("piste-stderr", MFD_CLOEXEC);
    if (kept < 0) { return; }
    real_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (real_error < 0 || dup2(kept, STDERR_FILENO) < 0) {
        close(kept);
        kept = -1;
    }
}

void piste_guard_open(void) {
    static int registered = 0;
    tcgetattr(STDIN_FILENO, &modes);
    // The runtime's own handlers are set aside: on a terminal they would stop and ask what to do.
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_handler = crashed, .sa_flags = SA_ONSTACK | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (int index = 0; index < crash_count; index++) { sigaction(crashes[index], &action, &before[index]); }
    installed = 1;
    if (!registered) { registered = atexit(piste_guard_restore) == 0; }
    keep_errors();
}

void piste_guard_close(void) {
    if (!installed) { return; }
    installed = 0;
    if (armed) { tcsetattr(STDIN_FILENO, TCSADRAIN, &modes); }
    armed = 0;
    for (int index = 0; index < crash_count; index++) { sigaction(crashes[index], &before[index], NULL); }
    show_kept_errors();
    if (kept >= 0) { close(kept); }
    if (real_error >= 0) { close(real_error); }
    kept = real_error = -1;
}
