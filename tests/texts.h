/* Texts in memory, for tests that change a cell's equations. */
#ifndef GT_TESTS_TEXTS_H
#define GT_TESTS_TEXTS_H

#include "gradtape/report.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A whole file with a NUL behind it; the caller frees it. */
static inline char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    char *text = calloc(1, 1 << 16);
    cr_assert_not_null(text);
    cr_assert(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

/* The text with the first place of one piece replaced; the caller frees it. */
static inline char *replaced(const char *text, const char *piece, const char *by)
{
    const char *at = strstr(text, piece);
    cr_assert_not_null(at, "the text has no %s", piece);
    char *result = malloc(strlen(text) + strlen(by) + 1);
    cr_assert_not_null(result);
    sprintf(result, "%.*s%s%s", (int)(at - text), text, by, at + strlen(piece));
    return result;
}

#ifdef GT_FIXTURES
/* A cell of tests/fixtures/backward, the first place of one piece replaced (NULL: none); the caller frees it. */
static inline char *backward_text(const char *cell, const char *piece, const char *by)
{
    char path[256];
    snprintf(path, sizeof path, "%s/backward/%s.cell", GT_FIXTURES, cell);
    char *text = read_text(path), *changed = piece != NULL ? replaced(text, piece, by) : NULL;
    if (changed == NULL)
        return text;
    free(text);
    return changed;
}
#endif

/* The line, from 1, in which a piece of the text begins. */
static inline uint32_t line_of(const char *text, const char *piece)
{
    uint32_t line = 1;
    const char *at = strstr(text, piece);
    cr_assert_not_null(at, "the text has no %s", piece);
    for (; at != text; at--)
        line += at[-1] == '\n';
    return line;
}

/* The text with the equation in the diagnosis' line as it should read; the caller frees it. */
static inline char *following(const char *text, const gt_diagnosis *d)
{
    const char *start = text;
    for (uint32_t line = 1; line < d->place.line; line++)
        start = strchr(start, '\n') + 1;
    size_t length = strcspn(start, "\n"), size = strlen(text) + strlen(d->repaired) + 4;
    char *followed = malloc(size);
    snprintf(followed, size, "%.*s  %s%s", (int)(start - text), text, d->repaired, start + length);
    return followed;
}

#endif
