#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "CTerminal.h"
#include "internal.h"

#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

static SCREEN *screen;
/// Input is read through a pad, because reading from the drawn window would repaint it.
static WINDOW *keys;
static int with_mouse, with_color;
static int shown_cursor;
/// Nothing was drawn yet.
static int untouched;

// MARK: Modes

static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";
// ncurses loses the events of a burst, such as a turned wheel sends; the mouse's sequences are read as they are.
static const char mouse_on[] = "\033[?1000h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1000l";

static char farewell[512];
static size_t farewell_count;

static int collect(int byte) {
    if (farewell_count < sizeof farewell) { farewell[farewell_count++] = (char)byte; }
    return byte;
}

static void say(const char *text) {
    if (text == NULL || text == (char *)-1) { return; }
    tputs(text, 1, collect);
}

/// Prepares the string that gives the terminal back when there is no time to ask terminfo.
static void arm(void) {
    farewell_count = 0;
    for (const char *byte = paste_off; *byte != 0; byte++) { collect(*byte); }
    for (const char *byte = mouse_off; with_mouse && *byte != 0; byte++) { collect(*byte); }
    say(exit_attribute_mode);
    say(orig_pair);
    say(keypad_local);
    say(cursor_normal);
    say(exit_ca_mode);
    if (exit_ca_mode == NULL) { say("\r\n"); }
    piste_guard_arm(farewell, farewell_count);
}

int piste_terminal_probe(const char *name) {
    int answer = 0;
    if (setupterm(name, STDOUT_FILENO, &answer) != OK) { return answer == -1 ? -2 : -1; }
    const char *move = cursor_address;
    int usable = move != NULL && move != (char *)-1;
    del_curterm(cur_term);
    return usable;
}

static void take(void) {
    curs_set(shown_cursor);
    piste_screen_write((const uint8_t *)paste_on, sizeof paste_on - 1);
    if (with_mouse) { piste_screen_write((const uint8_t *)mouse_on, sizeof mouse_on - 1); }
}

static void give(void) {
    if (with_mouse) { piste_screen_write((const uint8_t *)mouse_off, sizeof mouse_off - 1); }
    piste_screen_write((const uint8_t *)paste_off, sizeof paste_off - 1);
    endwin();
}

int piste_screen_open(const char *terminal, int escape_delay, int mouse, int color) {
    fflush(stdout);
    piste_guard_open();
    screen = newterm(terminal, stdout, stdin);
    if (screen == NULL) {
        piste_guard_close();
        return 0;
    }
    with_mouse = mouse;
    with_color = color && has_colors() && start_color() == OK;
    if (with_color) { use_default_colors(); }
    arm();
    raw();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    set_escdelay(escape_delay);
    typeahead(-1);
    idlok(stdscr, TRUE);
    leaveok(stdscr, TRUE);
    keys = newpad(1, 1);
    keypad(keys, TRUE);
    nodelay(keys, TRUE);
    piste_keys_define();
    shown_cursor = 0;
    untouched = 1;
    take();
    return 1;
}

void piste_screen_close(void) {
    if (screen == NULL) { return; }
    give();
    piste_colors_repeat();
    delwin(keys);
    delscreen(screen);
    screen = NULL;
    keys = NULL;
    piste_guard_close();
}

void piste_screen_resume(void) {
    if (screen == NULL) { return; }
    reset_prog_mode();
    take();
    piste_screen_forget();
    // A stopped process hears of no resize: ncurses looks again.
    raise(SIGWINCH);
}

void piste_screen_suspend(void) {
    if (screen == NULL) { return; }
    give();
    struct sigaction stopped, continued, standard = {.sa_handler = SIG_DFL};
    sigemptyset(&standard.sa_mask);
    sigaction(SIGTSTP, &standard, &stopped);
    sigaction(SIGCONT, &standard, &continued);
    // The whole group, as the terminal itself would do it: a script that started the program stops with it.
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &stopped, NULL);
    sigaction(SIGCONT, &continued, NULL);
    piste_screen_resume();
}

void piste_screen_forget(void) {
    untouched = 0;
    clearok(curscr, TRUE);
}

static attr_t attributes(unsigned modifiers) {
    attr_t result = A_NORMAL;
    if (modifiers & PISTE_BOLD) { result |= A_BOLD; }
    if (modifiers & PISTE_ITALIC) { result |= A_ITALIC; }
    if (modifiers & PISTE_UNDERLINE) { result |= A_UNDERLINE; }
    if (modifiers & PISTE_REVERSE) { result |= A_REVERSE; }
    if (modifiers & PISTE_DIM) { result |= A_DIM; }
    return result;
}

/// Clears the terminal in the colour of `blank` and tells ncurses that it is.
///
/// ncurses's own clearing knows no pair of more than the old attributes hold and takes each blank for another afterwards:
/// it erases every empty stretch of every line once more. Only for the first frame: this moves no cursor, and only then
/// ncurses takes nothing for granted of where it stands.
static void wipe(const cchar_t *blank, int pair) {
    int foreground, background;
    char text[32];
    if (extended_pair_content(pair, &foreground, &background) != OK) { return; }
    snprintf(text, sizeof text, "\033[48;5;%dm\033[2J\033[m", background);
    piste_screen_write((const uint8_t *)text, strlen(text));
    wbkgrndset(curscr, blank);
    werase(curscr);
    // Each window of the screen's size begins with a wish to clear it.
    clearok(curscr, FALSE);
    clearok(newscr, FALSE);
    clearok(stdscr, FALSE);
}

void piste_screen_erase(unsigned modifiers, int pair) {
    cchar_t blank;
    setcchar(&blank, L" ", attributes(modifiers), 0, &pair);
    wbkgrndset(stdscr, &blank);
    werase(stdscr);
    if (untouched && modifiers == 0 && piste_colors_remembering()) { wipe(&blank, pair); }
    untouched = 0;
}

void piste_screen_size(int *rows, int *columns_) {
    *rows = LINES;
    *columns_ = COLS;
}

// MARK: Colours

int piste_screen_colors(void) { return with_color ? COLORS : 0; }
int piste_screen_pairs(void) { return with_color ? COLOR_PAIRS : 0; }

int piste_screen_is_direct(void) {
    if (!with_color || COLORS < 1 << 24) { return 0; }
    if (tigetflag("RGB") == 1) { return 1; }
    if (tigetnum("RGB") == 8) { return 1; }
    const char *bits = tigetstr("RGB");
    return bits != NULL && bits != (char *)-1 && strcmp(bits, "8/8/8") == 0;
}

int piste_pair_define(int pair, int foreground, int background) {
    if (foreground < 0 || background < 0) { piste_colors_repeat(); }
    return init_extended_pair(pair, foreground, background) == OK;
}

void piste_pairs_reset(void) {
    if (!with_color) { return; }
    reset_color_pairs();
    if (COLORS >= 256) { piste_colors_remember(); }
}

// MARK: Frames

enum { run_limit = 1024 };
static cchar_t run[run_limit];
static int run_count, run_row, run_column;
static wchar_t pending[CCHARW_MAX + 1];
static int pending_count, pending_pair;
static unsigned pending_modifiers;

static void close_cell(void) {
    if (pending_count == 0 || run_count == run_limit) { return; }
    pending[pending_count] = 0;
    pending_count = 0;
    // Pairs above 255 travel only through the last argument.
    if (setcchar(&run[run_count], pending, attributes(pending_modifiers), 0, &pending_pair) == OK) { run_count++; }
}

void piste_run_begin(int row, int column) {
    run_row = row;
    run_column = column;
    run_count = pending_count = 0;
}

void piste_run_add(uint32_t scalar, unsigned modifiers, int pair) {
    close_cell();
    pending[0] = (wchar_t)scalar;
    pending_count = 1;
    pending_modifiers = modifiers;
    pending_pair = pair;
}

void piste_run_combine(uint32_t scalar) {
    if (pending_count > 0 && pending_count < CCHARW_MAX) { pending[pending_count++] = (wchar_t)scalar; }
}

void piste_run_end(void) {
    close_cell();
    // This call moves no cursor and so is right in the last cell too.
    if (run_count > 0) { mvwadd_wchnstr(stdscr, run_row, run_column, run, run_count); }
}

void piste_screen_flush(int row, int column) {
    int visible = row >= 0;
    leaveok(stdscr, !visible);
    if (visible) { wmove(stdscr, row, column); }
    wnoutrefresh(stdscr);
    piste_colors_forget();
    doupdate();
    if (visible != shown_cursor) {
        shown_cursor = visible;
        curs_set(visible);
        fflush(stdout);
    }
}

int piste_screen_write(const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(STDOUT_FILENO, bytes, count);
        if (sent < 0 && errno == EINTR) { continue; }
        if (sent <= 0) { return 0; }
        bytes += sent;
        count -= (size_t)sent;
    }
    return 1;
}

// MARK: Input

int piste_screen_read(void) { return keys == NULL ? -1 : wgetch(keys); }

int piste_screen_is_gone(void) {
    struct pollfd terminal = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&terminal, 1, 0) <= 0) { return 0; }
    if (terminal.revents & (POLLHUP | POLLERR | POLLNVAL)) { return 1; }
    int waiting = 0;
    return terminal.revents & POLLIN && (ioctl(STDIN_FILENO, FIONREAD, &waiting) != 0 || waiting == 0);
}
