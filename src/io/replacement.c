#include "io/replacement.h"

#include "gradtape/file.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "io/left_over.h"
#include "io/system_failure.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_LINKS = 40,     /* as Linux allows when it opens a file */
    MAX_ATTEMPTS = 1000 /* temporary names */
};

/* ---- the path ------------------------------------------------------------------------------ */

/* The last component of a path. */
static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Where the link `path` points to, whose text is `link`: relative to the link's folder. NULL: no
 * memory. */
static char *join_link(const char *path, const char *link)
{
    if (*link == '/')
        return gt_memory_text(link);
    size_t folder = (size_t)(last_component(path) - path), size = folder + strlen(link) + 1;
    char *joined = gt_memory_new(size, 1);
    if (joined != NULL)
        snprintf(joined, size, "%.*s%s", (int)folder, path, link);
    return joined;
}

/* Follows links in the last component, also to a file that does not exist yet. */
static gt_status resolve(const char *path, char **target, gt_error *error)
{
    char *at = gt_memory_text(path), link[PATH_MAX];
    for (int i = 0; at != NULL; i++) {
        ssize_t length = readlink(at, link, sizeof link - 1);
        if (length < 0) { /* no link, or nothing there: opening the folder tells whether that is right */
            *target = at;
            return GT_OK;
        }
        link[length] = '\0';
        char *next = i < MAX_LINKS ? join_link(at, link) : NULL;
        gt_memory_free(at);
        if (i == MAX_LINKS)
            return gt_system_failure(error, ELOOP, "write", path);
        at = next;
    }
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory to write '%.*s'", gt_utf8_fit(path, 300), path);
}

/* Opens the folder that target lies in. */
static int open_folder(const char *target)
{
    char folder[PATH_MAX] = ".";
    size_t length = (size_t)(last_component(target) - target);
    if (length >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (length > 0) {
        memcpy(folder, target, length);
        folder[length] = '\0';
    }
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* ---- the temporary file -------------------------------------------------------------------- */

/* Creates and holds a file of a new name; false with errno set. */
static bool create_named(gt_replacement *replacement, size_t size)
{
    errno = EEXIST;
    for (int i = 0; i < MAX_ATTEMPTS && errno == EEXIST; i++) {
        snprintf(replacement->temporary, size, GT_TEMPORARY_FORMAT, gt_utf8_fit(replacement->name, GT_TEMPORARY_KEPT),
                 replacement->name, (long)getpid(), i);
        replacement->descriptor =
            openat(replacement->directory, replacement->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (replacement->descriptor >= 0) {
            if (gt_temporary_hold(replacement->descriptor))
                return true;
            close(replacement->descriptor); /* another process took it for left over */
            replacement->descriptor = -1;
            errno = EEXIST;
        }
    }
    return false;
}

/* The same; what killed processes left is removed first. */
static bool create_temporary(gt_replacement *replacement)
{
    size_t size = GT_TEMPORARY_KEPT + 64;
    gt_temporary_clean(replacement->directory, replacement->name);
    replacement->temporary = gt_memory_new(size, 1);
    if (replacement->temporary == NULL) {
        errno = ENOMEM;
        return false;
    }
    if (create_named(replacement, size))
        return true;
    int number = errno;
    gt_memory_free(replacement->temporary);
    replacement->temporary = NULL;
    errno = number;
    return false;
}

/* Looks at the old file; *exists says whether there is one. */
static gt_status check_old(const gt_replacement *replacement, const char *path, struct stat *old, bool *exists,
                           gt_error *error)
{
    *exists = fstatat(replacement->directory, replacement->name, old, AT_SYMLINK_NOFOLLOW) == 0;
    if (!*exists)
        return errno == ENOENT ? GT_OK : gt_system_failure(error, errno, "write", path);
    if (!S_ISREG(old->st_mode))
        return gt_error_set(error, GT_ERROR_FILE, "cannot write '%.*s': it is no regular file", gt_utf8_fit(path, 300),
                            path);
    if (faccessat(replacement->directory, replacement->name, W_OK, 0) != 0)
        return gt_system_failure(error, errno, "write", path);
    return GT_OK;
}

/* Gives the temporary file the owner, where that is allowed, and the permissions of the old file.
 */
static bool copy_permissions(const gt_replacement *replacement, const struct stat *old)
{
    struct stat new;
    if (fstat(replacement->descriptor, &new) != 0)
        return false;
    mode_t mode = old->st_mode & 07777;
    if ((new.st_uid != old->st_uid || new.st_gid != old->st_gid) &&
        fchown(replacement->descriptor, old->st_uid, old->st_gid) != 0)
        mode &= 0777; /* nobody else's set-user-id */
    return fchmod(replacement->descriptor, mode) == 0;
}

gt_status gt_replacement_begin(gt_replacement *replacement, const char *path, gt_error *error)
{
    *replacement = (gt_replacement){.descriptor = -1, .directory = -1};
    if (path == NULL || *last_component(path) == '\0')
        return gt_error_set(error, GT_ERROR_ARGUMENT, "cannot write '%.*s': it names no file",
                            gt_utf8_fit(path == NULL ? "" : path, 300), path == NULL ? "" : path);
    gt_status status = resolve(path, &replacement->target, error);
    if (status != GT_OK)
        return status;
    replacement->name = last_component(replacement->target);
    replacement->directory = open_folder(replacement->target);
    if (replacement->directory < 0) {
        status = gt_system_failure(error, errno, "open the folder of", path);
        gt_replacement_discard(replacement);
        return status;
    }
    struct stat old;
    bool exists;
    status = check_old(replacement, path, &old, &exists, error);
    if (status == GT_OK && (!create_temporary(replacement) || (exists && !copy_permissions(replacement, &old))))
        status = errno == ENOMEM
                     ? gt_error_set(error, GT_ERROR_MEMORY, "no memory to write '%.*s'", gt_utf8_fit(path, 300), path)
                     : gt_system_failure(error, errno, "create a temporary file beside", path);
    if (status != GT_OK)
        gt_replacement_discard(replacement);
    return status;
}

bool gt_replacement_write(const gt_replacement *replacement, int64_t offset, const void *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t written =
            pwrite(replacement->descriptor, (const char *)bytes + done, size - done, (off_t)(offset + (int64_t)done));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            if (written == 0)
                errno = EIO;
            return false;
        }
        done += (size_t)written;
    }
    return true;
}

gt_status gt_file_replace(const char *path, const void *bytes, size_t size, gt_error *error)
{
    if (bytes == NULL && size > 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "gt_file_replace: there is nothing to write");
    gt_replacement replacement;
    gt_status status = gt_replacement_begin(&replacement, path, error);
    if (status != GT_OK)
        return status;
    if (!gt_replacement_write(&replacement, 0, bytes, size)) {
        status = gt_system_failure(error, errno, "write", path);
        gt_replacement_discard(&replacement);
        return status;
    }
    return gt_replacement_commit(&replacement, error);
}

/* ---- the end ------------------------------------------------------------------------------- */

static bool sync_descriptor(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

gt_status gt_replacement_commit(gt_replacement *replacement, gt_error *error)
{
    gt_status status = GT_OK;
    if (!sync_descriptor(replacement->descriptor))
        status = gt_system_failure(error, errno, "sync", replacement->target);
    /* Some systems report at close what they could not write. */
    bool closed = close(replacement->descriptor) == 0 || errno == EINTR;
    if (status == GT_OK && !closed)
        status = gt_system_failure(error, errno, "close", replacement->target);
    replacement->descriptor = -1;
    if (status == GT_OK &&
        renameat(replacement->directory, replacement->temporary, replacement->directory, replacement->name) != 0)
        status = gt_system_failure(error, errno, "replace", replacement->target);
    if (status == GT_OK) {
        gt_memory_free(replacement->temporary);
        replacement->temporary = NULL; /* nothing left to remove */
        /* EINVAL: a file system without syncing of folders. */
        if (!sync_descriptor(replacement->directory) && errno != EINVAL)
            status = gt_system_failure(error, errno, "sync the folder of", replacement->target);
    }
    gt_replacement_discard(replacement);
    return status;
}

void gt_replacement_discard(gt_replacement *replacement)
{
    if (replacement->descriptor >= 0)
        close(replacement->descriptor);
    if (replacement->temporary != NULL)
        unlinkat(replacement->directory, replacement->temporary, 0);
    if (replacement->directory >= 0)
        close(replacement->directory);
    gt_memory_free(replacement->temporary);
    gt_memory_free(replacement->target);
    *replacement = (gt_replacement){.descriptor = -1, .directory = -1};
}
