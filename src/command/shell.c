#include "command/shell.h"

#include <string.h>

void gt_shell_put_plain(FILE *file, const char *bytes, size_t size)
{
    fwrite(bytes, 1, size, file);
}

void gt_shell_word(FILE *file, const char *word, gt_shell_put *put)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=:,@%";
    size_t length = strlen(word);
    if (length > 0 && strspn(word, plain) == length) {
        put(file, word, length);
        return;
    }
    fputc('\'', file);
    while (*word != '\0') {
        length = strcspn(word, "'");
        put(file, word, length);
        word += length;
        if (*word == '\'') {
            fputs("'\\''", file);
            word++;
        }
    }
    fputc('\'', file);
}
