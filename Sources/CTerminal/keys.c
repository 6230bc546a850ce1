#define _GNU_SOURCE
#include "CTerminal.h"
#include "internal.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

// Sequences that terminals send beside those of their descriptions. Each has a code of its own, so that a paste which
// contains one can be put back together.
enum { variant_base = 0x5000 };
static const struct { const char *bytes; int code; } variants[] = {
    {"\033[A", KEY_UP}, {"\033[B", KEY_DOWN}, {"\033[C", KEY_RIGHT}, {"\033[D", KEY_LEFT},
    {"\033OA", KEY_UP}, {"\033OB", KEY_DOWN}, {"\033OC", KEY_RIGHT}, {"\033OD", KEY_LEFT},
    {"\033[H", KEY_HOME}, {"\033OH", KEY_HOME}, {"\033[1~", KEY_HOME}, {"\033[7~", KEY_HOME},
    {"\033[F", KEY_END}, {"\033OF", KEY_END}, {"\033[4~", KEY_END}, {"\033[8~", KEY_END},
    {"\033[2~", KEY_IC}, {"\033[3~", KEY_DC}, {"\033[5~", KEY_PPAGE}, {"\033[6~", KEY_NPAGE},
    {"\033[Z", KEY_BTAB}, {"\033OM", KEY_ENTER},
    {"\033OP", KEY_F(1)}, {"\033OQ", KEY_F(2)}, {"\033OR", KEY_F(3)}, {"\033OS", KEY_F(4)},
    {"\033[11~", KEY_F(1)}, {"\033[12~", KEY_F(2)}, {"\033[13~", KEY_F(3)}, {"\033[14~", KEY_F(4)},
    {"\033[15~", KEY_F(5)}, {"\033[17~", KEY_F(6)}, {"\033[18~", KEY_F(7)}, {"\033[19~", KEY_F(8)},
    {"\033[20~", KEY_F(9)}, {"\033[21~", KEY_F(10)}, {"\033[23~", KEY_F(11)}, {"\033[24~", KEY_F(12)},
};
enum { variant_count = sizeof variants / sizeof *variants };

// With Shift, Alt or Control held, an arrow stays an arrow.
enum { modified_base = 0x6000 };
static const struct { char final; int code; } modified[] = {
    {'A', KEY_UP}, {'B', KEY_DOWN}, {'C', KEY_RIGHT}, {'D', KEY_LEFT}, {'H', KEY_HOME}, {'F', KEY_END},
};
enum { modified_count = sizeof modified / sizeof *modified };

void piste_keys_define(void) {
    for (int index = 0; index < variant_count; index++) { define_key(variants[index].bytes, variant_base + index); }
    for (int index = 0; index < 7 * modified_count; index++) {
        const char modifier = (char)('2' + index / modified_count);
        const char bytes[] = {'\033', '[', '1', ';', modifier, modified[index % modified_count].final, 0};
        define_key(bytes, modified_base + index);
    }
    define_key(NULL, KEY_MOUSE);
    define_key("\033[200~", PISTE_KEY_PASTE_BEGIN);
    define_key("\033[201~", PISTE_KEY_PASTE_END);
}

int piste_key_meaning(int code) {
    if (code >= modified_base && code < modified_base + 7 * modified_count) {
        return modified[(code - modified_base) % modified_count].code;
    }
    if (code >= variant_base && code < variant_base + variant_count) { return variants[code - variant_base].code; }
    return code;
}

int piste_key_bytes(int code, uint8_t *bytes, int capacity) {
    char *text = keybound(code, 0);
    if (text == NULL) { return 0; }
    int count = (int)strnlen(text, (size_t)capacity);
    memcpy(bytes, text, (size_t)count);
    free(text);
    return count;
}
