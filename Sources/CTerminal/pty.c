#define _GNU_SOURCE
#include "CTerminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// Between fork and exec of a threaded process only async-signal-safe calls are allowed, hence C.
static void run(
    const char *terminal, const char *path, char *const arguments[], char *const environment[],
    const char *directory) {
    // Threads of a pool block signals and a child inherits that: without this no SIGWINCH would ever arrive.
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < NSIG; number++) { signal(number, SIG_DFL); }
    setsid();
    int slave = open(terminal, O_RDWR);
    if (slave < 0) { _exit(126); }
    ioctl(slave, TIOCSCTTY, 0);
    for (int descriptor = 0; descriptor < 3; descriptor++) { dup2(slave, descriptor); }
    close_range(3, UINT_MAX, 0);
    if (directory != NULL && chdir(directory) != 0) { _exit(126); }
    execve(path, arguments, environment != NULL ? environment : environ);
    _exit(127);
}

pid_t piste_pty_spawn(
    const char *path, char *const arguments[], char *const environment[], const char *directory, int rows,
    int columns, int *master) {
    char terminal[128];
    int descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) { return -1; }
    if (grantpt(descriptor) != 0 || unlockpt(descriptor) != 0
        || ptsname_r(descriptor, terminal, sizeof terminal) != 0
        || !piste_pty_resize(descriptor, rows, columns)) {
        close(descriptor);
        return -1;
    }
    pid_t process = fork();
    if (process == 0) { run(terminal, path, arguments, environment, directory); }
    if (process < 0) {
        close(descriptor);
        return -1;
    }
    *master = descriptor;
    return process;
}

int piste_pty_resize(int master, int rows, int columns) {
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    return ioctl(master, TIOCSWINSZ, &size) == 0;
}

int piste_status_exit(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }
int piste_status_signal(int status) { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
int piste_status_is_stopped(int status) { return WIFSTOPPED(status); }
