#pragma once
// SwiftPM drops the -D flags of ncursesw.pc; without this the wide-character API does not exist.
#define NCURSES_WIDECHAR 1
#include <ncurses.h>
