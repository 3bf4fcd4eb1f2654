/* A folder of a test's own, and whole files in memory. */
#ifndef GT_TESTS_FILES_H
#define GT_TESTS_FILES_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64]; /* each Criterion test is a process of its own */

/* The path of `name` in a new empty folder that the test's end removes; lives until the next 4
 * calls. */
static inline const char *path_of(const char *name)
{
    static char path[4][512];
    static int next;
    char *result = path[next++ % 4];
    snprintf(result, sizeof path[0], "%s/%s", folder, name);
    return result;
}

static inline void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/gradtape-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

/* The number of entries in the folder. */
static inline int folder_count(void)
{
    DIR *directory = opendir(folder);
    cr_assert_not_null(directory);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(directory);
    return count;
}

static inline void remove_folder(void)
{
    DIR *directory = opendir(folder);
    cr_assert_not_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    cr_assert_eq(rmdir(folder), 0);
}

typedef struct file_bytes {
    uint8_t *bytes;
    size_t size;
} file_bytes;

static inline file_bytes read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    file_bytes result = {NULL, 0};
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    result.size = (size_t)ftell(file);
    rewind(file);
    result.bytes = malloc(result.size + 1);
    cr_assert_not_null(result.bytes);
    cr_assert_eq(fread(result.bytes, 1, result.size, file), result.size);
    fclose(file);
    return result;
}

static inline void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(bytes, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

#endif
