#define _GNU_SOURCE
#include "CTerminal.h"
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static const int caught[] = {SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH};
enum { caught_count = sizeof caught / sizeof *caught };

static struct sigaction before[caught_count];
static int ends[2] = {-1, -1};
static void (*resized)(int);
static volatile sig_atomic_t ending;

static void arrived(int number) {
    int error = errno;
    // ncurses learns of a new size from its own handler; the pipe only wakes the loop, so that no resize is missed.
    if (number == SIGWINCH && resized != NULL) { resized(number); }
    if (number == SIGTERM) {
        // Asked a second time while the first has not been looked at: the loop is stuck.
        if (ending) {
            piste_guard_restore();
            signal(number, SIG_DFL);
            raise(number);
        }
        ending = 1;
    }
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(ends[1], &byte, 1);
    (void)ignored;
    errno = error;
}

int piste_signals_open(void) {
    if (ends[0] >= 0) { return ends[0]; }
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) { return -1; }
    ending = 0;
    struct sigaction action = {.sa_handler = arrived};
    sigemptyset(&action.sa_mask);
    for (int index = 0; index < caught_count; index++) {
        sigaction(caught[index], NULL, &before[index]);
        if (caught[index] == SIGWINCH) {
            void (*handler)(int) = before[index].sa_handler;
            resized = handler == SIG_DFL || handler == SIG_IGN ? NULL : handler;
        }
        sigaction(caught[index], &action, NULL);
    }
    return ends[0];
}

int piste_signals_next(void) {
    unsigned char number = 0;
    if (ends[0] < 0 || read(ends[0], &number, 1) != 1) { return 0; }
    if (number == SIGTERM) { ending = 0; }
    return number;
}

void piste_signals_close(void) {
    if (ends[0] < 0) { return; }
    for (int index = 0; index < caught_count; index++) { sigaction(caught[index], &before[index], NULL); }
    close(ends[0]);
    close(ends[1]);
    ends[0] = ends[1] = -1;
    resized = NULL;
}
