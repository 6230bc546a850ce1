#pragma once

/// Columns that `scalar` takes on a terminal by the C library's UTF-8 table, whatever the process's locale is:
/// 0, 1, 2, or -1 when it is not printable.
int piste_width(unsigned int scalar);
