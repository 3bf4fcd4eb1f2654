#include "cell_text.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(2);
}

char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, LARGEST_TEXT);
    if (file == NULL || text == NULL)
        fail(path, "cannot be read");
    if (fread(text, 1, LARGEST_TEXT - 1, file) == 0)
        fail(path, "is empty");
    fclose(file);
    return text;
}
