#include "command/files.h"

#include "command/cell_source.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40 }; /* as Linux allows when it opens a file */

bool gt_file_is_standard(const char *path)
{
    return path != NULL && strcmp(path, GT_STANDARD_STREAM) == 0;
}

static bool is_written(const gt_named_file *file)
{
    return file->use == GT_FILE_WRITTEN || file->use == GT_FILE_SAVED;
}

/* ---- identity ------------------------------------------------------------------------------ */

/* A regular file, or a place in a folder where one can be made. */
typedef struct identity {
    bool known;
    dev_t device;
    ino_t inode;             /* of the file, or of the folder */
    char name[NAME_MAX + 1]; /* in the folder; "" for a file that is there */
} identity;

static char *last_component(char *path)
{
    char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Replaces a path by what its last component links to, as often as that is a link. */
static bool follow_links(char path[PATH_MAX])
{
    char link[PATH_MAX];
    for (int i = 0; i < MOST_LINKS; i++) {
        ssize_t length = readlink(path, link, sizeof link - 1);
        if (length < 0)
            return true;
        link[length] = '\0';
        char *end = link[0] == '/' ? path : last_component(path);
        if ((size_t)(end - path) + (size_t)length >= PATH_MAX)
            return false;
        memcpy(end, link, (size_t)length + 1);
    }
    return false;
}

/* The folder of a path and the name in it, where there is no file yet. */
static identity identity_of_place(const char *path)
{
    identity result = {.known = false};
    char target[PATH_MAX];
    struct stat folder;
    if (strlen(path) >= sizeof target)
        return result;
    strcpy(target, path);
    if (!follow_links(target))
        return result;
    char *name = last_component(target);
    snprintf(result.name, sizeof result.name, "%s", name);
    if (name == target)
        strcpy(target, ".");
    else
        name[0] = '\0'; /* "folder/": the slash stays, and with it the root */
    result.known = result.name[0] != '\0' && stat(target, &folder) == 0;
    result.device = result.known ? folder.st_dev : 0;
    result.inode = result.known ? folder.st_ino : 0;
    return result;
}

static identity identity_of_path(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return identity_of_place(path);
    /* What is no file, such as /dev/null, is not destroyed by writing to it. */
    return (identity){.known = S_ISREG(about.st_mode), .device = about.st_dev, .inode = about.st_ino};
}

/* False on no memory. What names no file has no identity. */
static bool identify(const gt_named_file *file, identity *result)
{
    *result = (identity){.known = false};
    if (file->use == GT_FILE_PRINTED || file->path == NULL || gt_file_is_standard(file->path))
        return true;
    if (file->use != GT_FILE_CELL) {
        *result = identity_of_path(file->path);
        return true;
    }
    char *path;
    if (!gt_cell_source_path(file->path, &path))
        return false;
    if (path != NULL)
        *result = identity_of_path(path);
    free(path);
    return true;
}

static bool same(const identity *a, const identity *b)
{
    return a->known && b->known && a->device == b->device && a->inode == b->inode && strcmp(a->name, b->name) == 0;
}

/* ---- refusing ------------------------------------------------------------------------------ */

static bool refuse(const gt_named_file *other, const gt_named_file *written, gt_error *error)
{
    const char *what = is_written(other) ? "one would overwrite the other" : "it would be overwritten";
    if (strcmp(other->path, written->path) == 0)
        gt_error_set(error, GT_ERROR_ARGUMENT, "%s and %s are the same file, %s: %s; give %s another file",
                     other->option, written->option, written->path, what, written->option);
    else
        gt_error_set(error, GT_ERROR_ARGUMENT, "%s %s and %s %s are the same file: %s; give %s another file",
                     other->option, other->path, written->option, written->path, what, written->option);
    return false;
}

/* The file at `place`, which is written, against all others; of two written ones, the later is refused. */
static bool check_written(const gt_named_file *files, uint32_t count, uint32_t place, gt_error *error)
{
    identity own, others;
    bool memory = identify(&files[place], &own);
    for (uint32_t i = 0; memory && i < count; i++) {
        if (i == place || (is_written(&files[i]) && i > place))
            continue;
        memory = identify(&files[i], &others);
        if (memory && same(&own, &others))
            return refuse(&files[i], &files[place], error);
    }
    return memory || gt_error_set(error, GT_ERROR_MEMORY, "out of memory") == GT_OK;
}

/* ---- "-" ----------------------------------------------------------------------------------- */

static bool prints(const gt_named_file *file)
{
    return file->use == GT_FILE_PRINTED || (is_written(file) && gt_file_is_standard(file->path));
}

static bool reads_stdin(const gt_named_file *file)
{
    return (file->use == GT_FILE_READ || file->use == GT_FILE_CELL) && gt_file_is_standard(file->path);
}

static bool check_stream(const gt_named_file *file, gt_error *error)
{
    if (!gt_file_is_standard(file->path))
        return true;
    if (file->use == GT_FILE_ARCHIVE)
        gt_error_set(error, GT_ERROR_ARGUMENT,
                     "%s -: an archive is read from its end, which stdin does not have; give a file", file->option);
    else if (file->use == GT_FILE_SAVED)
        gt_error_set(error, GT_ERROR_ARGUMENT,
                     "%s -: it is saved as a whole again and again, which stdout cannot take; give a file",
                     file->option);
    else
        return true;
    return false;
}

/* No two of them may share a stream. */
static bool check_once(const gt_named_file *files, uint32_t count, bool (*uses)(const gt_named_file *),
                       const char *what, gt_error *error)
{
    const gt_named_file *first = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!uses(&files[i]))
            continue;
        if (first != NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "%s and %s both %s; leave one out or give it a file",
                                first->option, files[i].option, what) == GT_OK;
        first = &files[i];
    }
    return true;
}

bool gt_files_check(const gt_named_file *files, uint32_t count, gt_error *error)
{
    for (uint32_t i = 0; i < count; i++)
        if (!check_stream(&files[i], error) || (is_written(&files[i]) && !check_written(files, count, i, error)))
            return false;
    return check_once(files, count, reads_stdin, "read stdin", error) &&
           check_once(files, count, prints, "write to stdout", error);
}
