#pragma once

// What Swift cannot see of ncurses, signals and pseudo-terminals. Everything that draws or reads belongs to the
// process's first thread.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: Text

/// Columns that `scalar` takes on a terminal by the C library's UTF-8 table, whatever the process's locale is:
/// 0, 1, 2, or -1 when it is not printable.
int piste_width(unsigned int scalar);

/// Makes the process's character type UTF-8, the user's own or else `C.UTF-8`; 0 when there is none, or when the user's
/// own locale names another character set.
int piste_locale_open(void);

// MARK: The screen

enum {
    /// The key codes of a bracketed paste's two marks.
    PISTE_KEY_PASTE_BEGIN = 0x4000,
    PISTE_KEY_PASTE_END = 0x4001,
};

enum {
    PISTE_BOLD = 1,
    PISTE_ITALIC = 2,
    PISTE_UNDERLINE = 4,
    PISTE_REVERSE = 8,
    PISTE_DIM = 16,
};

/// Asks terminfo about `name`: 1 it can draw a screen, 0 it cannot move its cursor, -1 it is unknown, -2 there is no
/// terminfo database.
int piste_terminal_probe(const char *name);

/// Takes standard input and output over for drawing; 0 when ncurses refuses.
int piste_screen_open(const char *terminal, int escape_delay, int mouse, int color);

/// Gives the terminal back as it was found; harmless when it has been given back.
void piste_screen_close(void);

/// Gives the terminal to the shell, stops the process group, and takes the terminal again after it was continued.
void piste_screen_suspend(void);

/// Takes the terminal's modes again after somebody else may have changed them.
void piste_screen_resume(void);

/// Makes the next frame repaint everything.
void piste_screen_forget(void);

/// Makes the next frame start from blanks with this look.
void piste_screen_erase(unsigned modifiers, int pair);

void piste_screen_size(int *rows, int *columns);

/// How many colours the terminal has, and how many pairs of them.
int piste_screen_colors(void);
int piste_screen_pairs(void);

/// True when the terminal's colour numbers are red, green and blue of eight bits each.
int piste_screen_is_direct(void);

/// Defines a colour pair; -1 stands for the terminal's own colour. 0 when ncurses refuses.
int piste_pair_define(int pair, int foreground, int background);

/// Forgets every colour pair.
void piste_pairs_reset(void);

/// Collects cells of one row from `column` on: begin, then for each cell `add` and any number of `combine`, then end.
void piste_run_begin(int row, int column);
void piste_run_add(uint32_t scalar, unsigned modifiers, int pair);
void piste_run_combine(uint32_t scalar);
void piste_run_end(void);

/// Sends what changed since the last frame in one go, with the cursor at (row, column), or hidden when `row` is -1.
void piste_screen_flush(int row, int column);

/// Writes bytes to the terminal beside ncurses, between two frames; 0 when the terminal is gone.
int piste_screen_write(const uint8_t *bytes, size_t count);

// MARK: Input

/// The next byte (0 to 255) or key code (above) without waiting; -1 when there is none.
int piste_screen_read(void);

/// True when the terminal hung up or its input ended.
int piste_screen_is_gone(void);

/// The ncurses key that a code stands for; terminals send several sequences for one key, each with its own code.
int piste_key_meaning(int code);

/// The bytes that a key code stands for; returns their number.
int piste_key_bytes(int code, uint8_t *bytes, int capacity);

// MARK: Signals

/// Sends SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT and SIGWINCH into a pipe; returns its end to read and poll, or -1.
int piste_signals_open(void);

/// The next signal from the pipe, or 0.
int piste_signals_next(void);

/// Puts the signals back as they were.
void piste_signals_close(void);

/// Lets a crash end the process at once, without the language runtime's questions, unless `SWIFT_BACKTRACE` is set.
void piste_crashes_end(void);

// MARK: Pseudo-terminals

/// Runs a program on a new pseudo-terminal with default signals and no inherited descriptors.
///
/// `environment` and `directory` may be NULL for the caller's own. Returns its process id and the terminal's other end,
/// or -1 with errno.
pid_t piste_pty_spawn(
    const char *path, char *const arguments[], char *const environment[], const char *directory, int rows,
    int columns, int *master);

/// Changes a pseudo-terminal's size, which signals the program on it; 0 when it is gone.
int piste_pty_resize(int master, int rows, int columns);

/// What a wait status says: the exit code, or -1; the signal that ended the process, or 0; whether it is stopped.
int piste_status_exit(int status);
int piste_status_signal(int status);
int piste_status_is_stopped(int status);
