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
// A text's colour and a ground's, which ncurses always sends one after the other, go out as one sequence: variable O says
// whether the first of them has begun it. Its end, for which ncurses takes back first the colours and then everything, is
// one that takes back everything.
//
// ncurses has no call to change a capability, so the texts are replaced where it keeps them. They only get shorter.

#define FORGET "%{999}%PF%gF%PB%{0}%PA"

// Standing out, blinking, hidden and protected text is used nowhere here, and no other character set.
#define SWITCH                                                                                                        \
    "\033[%?%p2%p3%|%gA%|%t24;27;%?%p2%t4;%;%?%p3%t7;%;%p2%p3%|%PA%;%?%p6%t1%e22%?%p5%t;2%;%;m"

// `whole` is what the terminal's own text must come to, or `part` what must stand in it; `text` is put in its place.
static const struct { const char *name, *whole, *part, *text; } changes[] = {
    {"setaf", "\033[38;5;200m", NULL, "%p1%gF%-%PO%?%gO%t\033[38;5;%p1%d%p1%PF%;"},
    {"setab", "\033[48;5;200m", NULL, "%?%p1%gB%=%t%?%gO%tm%;%e%?%gO%t;%e\033[%;48;5;%p1%dm%p1%PB%;"},
    {"sgr", NULL, "\033[0", SWITCH},
    {"op", "\033[39;49m", NULL, ""},
    {"sgr0", NULL, "\033[m", "\033[m"},
};

enum { capability_count = sizeof changes / sizeof *changes, text_limit = 256 };
static struct { char *place, before[text_limit]; } capabilities[capability_count];
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

/// Finds the texts and keeps them; false when one does not mean what is expected here, or is too short for its new one.
static int prepare(void) {
    for (int index = 0; index < capability_count; index++) {
        char *text = tigetstr(changes[index].name);
        if (text == NULL || text == (char *)-1 || strlen(text) >= text_limit) { return 0; }
        if (strlen(changes[index].text) > strlen(text)) { return 0; }
        capabilities[index].place = text;
        strcpy(capabilities[index].before, text);
        if (changes[index].whole == NULL) {
            if (strstr(text, changes[index].part) == NULL) { return 0; }
        } else {
            const char *answer = tparm(text, 200, 0, 0, 0, 0, 0, 0, 0, 0);
            if (answer == NULL || strcmp(answer, changes[index].whole) != 0) { return 0; }
        }
    }
    // Moving the cursor or clearing must leave colours alone.
    return tigetflag("msgr") == 1 && tigetflag("bce") == 1;
}

void piste_colors_remember(void) {
    if (remembering || !prepare()) { return; }
    remembering = 1;
    for (int index = 0; index < capability_count; index++) {
        if (!replace(capabilities[index].place, changes[index].text)) {
            piste_colors_repeat();
            return;
        }
    }
}

int piste_colors_remembering(void) { return remembering; }

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
