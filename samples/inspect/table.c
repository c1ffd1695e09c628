/* A table of words, printed with aligned columns or in Markdown. */
#include "table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_init(struct table *table, const char *headings)
{
    *table = (struct table){0};
    assert(headings);
    for (const char *bar = headings; bar; bar = strchr(bar + 1, '|'))
        table->columns++;
    for (size_t i = 0; i < table->columns; i++) {
        const char *heading = headings + (*headings == '>');
        size_t length = strcspn(heading, "|");
        table->number[i] = heading != headings;
        table_add(table, "%.*s", (int)length, heading);
        headings = heading + length + 1;
    }
}

void table_finish(struct table *table)
{
    free(table->cell);
    table->cell = NULL;
}

void table_add(struct table *table, const char *format, ...)
{
    size_t column = table->cells % table->columns;
    if (column == 0 && !table->failed) { /* room for a row */
        char(*more)[TABLE_CELL_MAX] =
            realloc(table->cell, (table->cells + table->columns) * sizeof *table->cell);
        table->failed = !more;
        table->cell = more ? more : table->cell;
    }
    if (table->failed)
        return;
    char *cell = table->cell[table->cells++];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(cell, TABLE_CELL_MAX, format, args);
    va_end(args);
    if (strlen(cell) > table->width[column])
        table->width[column] = strlen(cell);
}

bool table_is_empty(const struct table *table)
{
    return table->cells <= table->columns;
}

static void print_rule(const struct table *table)
{
    fputs("|", stdout);
    for (size_t i = 0; i < table->columns; i++)
        fputs(table->number[i] ? "---:|" : "---|", stdout);
    putchar('\n');
}

static void print_row(const struct table *table, size_t row, bool markdown)
{
    fputs(markdown ? "| " : "", stdout);
    for (size_t i = 0; i < table->columns; i++) {
        const char *cell = table->cell[row * table->columns + i];
        bool last = i + 1 == table->columns;
        int width = markdown || (last && !table->number[i]) ? 0 : (int)table->width[i];
        printf("%*s", table->number[i] ? width : -width, cell);
        fputs(last ? "" : markdown ? " | " : "  ", stdout);
    }
    fputs(markdown ? " |\n" : "\n", stdout);
}

void table_print(const struct table *table, bool markdown)
{
    for (size_t row = 0; row < table->cells / table->columns; row++) {
        print_row(table, row, markdown);
        if (row == 0 && markdown)
            print_rule(table);
    }
}
