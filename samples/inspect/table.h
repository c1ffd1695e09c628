/* A table of words, printed with aligned columns or in Markdown. */
#ifndef INSPECT_TABLE_H
#define INSPECT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#define TABLE_COLUMNS_MAX 10
#define TABLE_CELL_MAX    160

struct table {
    size_t columns, cells;           /* cells: the heading's too */
    size_t width[TABLE_COLUMNS_MAX]; /* of the widest cell */
    bool number[TABLE_COLUMNS_MAX];  /* set to the right */
    char (*cell)[TABLE_CELL_MAX];    /* row after row, the heading first */
    bool failed;                     /* memory ran out; nothing is added any more */
};

/* `headings`: with bars between them. Those that begin with '>' head columns of numbers. */
void table_init(struct table *table, const char *headings);
void table_finish(struct table *table);

/* The next cell, from left to right and row after row. What is too long is cut. */
void table_add(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool table_is_empty(const struct table *table);
void table_print(const struct table *table, bool markdown);

#endif
