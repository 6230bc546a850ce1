#define _GNU_SOURCE
#include "internal.h"

#include <curses.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

// For every change of pair ncurses sends both colours, the one that is on already too, and to take a bold text's weight
// away it resets everything and sends both once more: a third of all bytes of a frame. terminfo's own language can
// remember: in variable F the text's colour, in B the ground's, in A whether a line or reversed colours are on. A colour
// that is on comes to nothing, and attributes are switched one by one, which leaves colours alone. What resets them
// without passing here happens between frames, which begin with nothing remembered, or where a pair holds the
// terminal's own colours, and then this is off.
//
// ncurses has no call to change a capability, so the texts are replaced where it keeps them. They only get shorter.

#define FORGET "%{999}%PF%gF%PB%{0}%PA"

// Standing out, blinking, hidden and protected text is used nowhere here, and no other character set.
#define SWITCH                                                                                                        \
    "\033[%?%p2%p3%|%gA%|%t24;27;%?%p2%t4;%;%?%p3%t7;%;%p2%p3%|%PA%;%?%p6%t1%e22%?%p5%t;2%;%;m"

static const struct { const char *name, *probe, *text; } colors[] = {
    {"setaf", "\033[38;5;200m", "%?%p1%gF%=%t%e%p1%PF\033[38;5;%p1%dm%;"},
    {"setab", "\033[48;5;200m", "%?%p1%gB%=%t%e%p1%PB\033[48;5;%p1%dm%;"},
};

enum { capability_count = 3, text_limit = 256 };
static struct { char *place, before[text_limit], after[text_limit]; } capabilities[capability_count];
static int remembering;

/// Copies a text over another of at least its length; fails where the memory cannot be written.
static int replace(char *place, const char *text) {
    int ends[2];
    size_t count = strlen(text) + 1;
    if (pipe2(ends, O_CLOEXEC) != 0) { return 0; }
    // The kernel answers with an error where a store of our own would end the process.
    int done = write(ends[1], text, count) == (ssize_t)count && read(ends[0], place, count) == (ssize_t)count;
    close(ends[0]);
    close(ends[1]);
    return done;
}

/// Works out the new texts; false when the terminal's own do not mean what is expected here.
static int prepare(void) {
    for (int index = 0; index < capability_count; index++) {
        char *text = tigetstr(index < 2 ? colors[index].name : "sgr");
        if (text == NULL || text == (char *)-1 || strlen(text) >= text_limit) { return 0; }
        capabilities[index].place = text;
        strcpy(capabilities[index].before, text);
        if (index < 2) {
            const char *answer = tparm(text, 200, 0, 0, 0, 0, 0, 0, 0, 0);
            if (answer == NULL || strcmp(answer, colors[index].probe) != 0) { return 0; }
            strcpy(capabilities[index].after, colors[index].text);
        } else {
            if (strstr(text, "\033[0") == NULL) { return 0; }
            strcpy(capabilities[index].after, SWITCH);
        }
        if (strlen(capabilities[index].after) > strlen(text)) { return 0; }
    }
    // Moving the cursor or clearing must leave colours alone.
    return tigetflag("msgr") == 1 && tigetflag("bce") == 1;
}

void piste_colors_remember(void) {
    if (remembering || !prepare()) { return; }
    remembering = 1;
    for (int index = 0; index < capability_count; index++) {
        if (!replace(capabilities[index].place, capabilities[index].after)) {
            piste_colors_repeat();
            return;
        }
    }
}

void piste_colors_repeat(void) {
    if (!remembering) { return; }
    remembering = 0;
    for (int index = 0; index < capability_count; index++) {
        replace(capabilities[index].place, capabilities[index].before);
    }
}

void piste_colors_forget(void) {
    if (remembering) { tparm(FORGET, 0, 0, 0, 0, 0, 0, 0, 0, 0); }
}
