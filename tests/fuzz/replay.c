/* Runs the fuzzer's target on files and folders of files: what was found once stays found. */
#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static int run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return -1;
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    /* In memory of its own size, so that a read beyond it is seen. */
    uint8_t *exact = malloc(size + (size == 0));
    for (size_t i = 0; exact != NULL && i < size; i++)
        exact[i] = data[i];
    if (exact != NULL)
        LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 1;
}

static int run_folder(const char *folder)
{
    DIR *list = opendir(folder);
    int count = 0;
    if (list == NULL) {
        perror(folder);
        return -1;
    }
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' && run_file(path) == 1)
            count++;
    }
    closedir(list);
    return count;
}

int main(int argument_count, char **arguments)
{
    int total = 0;
    for (int i = 1; i < argument_count; i++) {
        struct stat about;
        bool folder = stat(arguments[i], &about) == 0 && S_ISDIR(about.st_mode);
        int count = folder ? run_folder(arguments[i]) : run_file(arguments[i]);
        if (count <= 0)
            return fprintf(stderr, "%s: nothing to run\n", arguments[i]), 1;
        total += count;
    }
    printf("%d texts\n", total);
    return total > 0 ? 0 : 1;
}
