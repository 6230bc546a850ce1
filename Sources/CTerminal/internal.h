#pragma once

// What the shim's files share.

#include <stddef.h>

/// Remembers how to give the terminal back from a crash: a string to send, and the modes that are set now.
void piste_guard_arm(const char *reset, size_t count);

/// Installs the crash handlers and begins to keep what is written to standard error away from the screen.
void piste_guard_open(void);

/// Puts the crash handlers back as they were and shows what standard error kept.
void piste_guard_close(void);

/// Gives the terminal back with nothing but async-signal-safe calls; harmless when it is not armed.
void piste_guard_restore(void);

/// Makes ncurses send a colour only when it is not on already, where the terminal's description allows it.
void piste_colors_remember(void);

/// Makes ncurses send colours as its description of the terminal says.
void piste_colors_repeat(void);

/// Whether it does so now.
int piste_colors_remembering(void);

/// Says that no colour is known to be on.
void piste_colors_forget(void);

/// Tells ncurses of sequences that the terminal's description lacks.
void piste_keys_define(void);
