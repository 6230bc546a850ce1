#define _GNU_SOURCE
#include "CTerminal.h"

#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

// wcwidth answers for the thread's locale, and the thread may run in "C", where nothing but ASCII is printable.
static locale_t utf8 = (locale_t)0;
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static void prepare(void) {
    static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8", ""};
    for (unsigned index = 0; utf8 == (locale_t)0 && index < sizeof names / sizeof *names; index++) {
        utf8 = newlocale(LC_CTYPE_MASK, names[index], (locale_t)0);
    }
}

int piste_width(unsigned int scalar) {
    if (scalar < 0x7F) { return scalar >= 0x20 ? 1 : -1; }
    pthread_once(&prepared, prepare);
    if (utf8 == (locale_t)0) { return wcwidth((wchar_t)scalar); }
    locale_t before = uselocale(utf8);
    int width = wcwidth((wchar_t)scalar);
    uselocale(before);
    return width;
}

static int is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }

/// True when the user's own locale names a character set, and it is not UTF-8: then the terminal speaks that one.
static int names_other_charset(void) {
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (unsigned index = 0; index < sizeof variables / sizeof *variables; index++) {
        const char *name = getenv(variables[index]);
        if (name == NULL || *name == 0) { continue; }
        const char *charset = strchr(name, '.');
        return charset != NULL && strncasecmp(charset + 1, "utf", 3) != 0;
    }
    return 0;
}

int piste_locale_open(void) {
    if (setlocale(LC_CTYPE, "") != NULL && is_utf8()) { return 1; }
    if (names_other_charset()) { return 0; }
    if (setlocale(LC_CTYPE, "C.UTF-8") != NULL && is_utf8()) { return 1; }
    return setlocale(LC_CTYPE, "en_US.UTF-8") != NULL && is_utf8();
}
