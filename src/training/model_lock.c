#include "training/model_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char words[] = "gradtape train, process ";

enum { MOST_ATTEMPTS = 100 };

/* The path behind links, so that every name of a model has the same lock. NULL: no memory. */
static char *path_beside(const char *path)
{
    char *target = realpath(path, NULL);
    if (target == NULL && errno != ENOMEM)
        target = strdup(path);
    size_t size = target == NULL ? 0 : strlen(target) + sizeof ".lock";
    char *result = target == NULL ? NULL : malloc(size);
    if (result != NULL)
        snprintf(result, size, "%s.lock", target);
    free(target);
    return result;
}

/* What the file says; "" if it is empty or cannot be read. */
static void read_words(int descriptor, char *text, size_t size)
{
    ssize_t count = pread(descriptor, text, size - 1, 0);
    text[count > 0 ? count : 0] = '\0';
}

static bool is_ours(const char *text)
{
    size_t length = strlen(text);
    return strncmp(text, words, length < sizeof words - 1 ? length : sizeof words - 1) == 0;
}

static bool refuse_held(const char *path, const char *text, gt_error *error)
{
    long process = is_ours(text) && strlen(text) > sizeof words - 1 ? strtol(text + sizeof words - 1, NULL, 10) : 0;
    char who[48] = "";
    if (process > 0)
        snprintf(who, sizeof who, " (process %ld)", process);
    gt_error_set(error, GT_ERROR_FILE,
                 "another gradtape train%s saves to %s: wait until it ends, or give --save another file", who, path);
    return false;
}

static bool fail(const char *path, int number, gt_error *error)
{
    gt_error_set(error, GT_ERROR_FILE, "%s cannot be made: %s", path, strerror(number));
    return false;
}

/* Whether the locked file is still the one at the path: the process before may have removed it. */
static bool is_there(const gt_model_lock *lock)
{
    struct stat own, found;
    return fstat(lock->descriptor, &own) == 0 && lstat(lock->path, &found) == 0 && own.st_dev == found.st_dev &&
           own.st_ino == found.st_ino;
}

static void forget(gt_model_lock *lock)
{
    if (lock->descriptor >= 0)
        close(lock->descriptor);
    free(lock->path);
    *lock = (gt_model_lock){.descriptor = -1};
}

/* For messages alone: without it, on a full disk, the lock is held all the same. */
static void sign(const gt_model_lock *lock)
{
    char text[64];
    int size = snprintf(text, sizeof text, "%s%ld\n", words, (long)getpid());
    if (ftruncate(lock->descriptor, 0) != 0 || pwrite(lock->descriptor, text, (size_t)size, 0) == size)
        return;
    if (ftruncate(lock->descriptor, 0) != 0)
        return; /* a part of the words is known as ours, too */
}

/* *again: the file was removed between opening and locking it. */
static bool try_to_take(gt_model_lock *lock, const char *path, bool *again, gt_error *error)
{
    char text[64];
    *again = false;
    lock->descriptor = open(lock->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (lock->descriptor < 0)
        return fail(lock->path, errno, error);
    read_words(lock->descriptor, text, sizeof text);
    if (flock(lock->descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return refuse_held(path, text, error);
    if (!is_ours(text)) {
        gt_error_set(error, GT_ERROR_FILE,
                     "%s is in the way: gradtape train makes a file of that name while it runs; rename it, "
                     "or give --save another file",
                     lock->path);
        return false;
    }
    *again = !is_there(lock);
    if (!*again)
        sign(lock);
    return true;
}

bool gt_model_lock_take(gt_model_lock *lock, const char *path, gt_error *error)
{
    *lock = (gt_model_lock){.descriptor = -1, .path = path_beside(path)};
    if (lock->path == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to lock the model");
        return false;
    }
    bool again = true, good = true;
    for (int i = 0; i < MOST_ATTEMPTS && again && good; i++) {
        if (lock->descriptor >= 0)
            close(lock->descriptor);
        good = try_to_take(lock, path, &again, error);
    }
    if (!good || again)
        forget(lock);
    return good && (!again || refuse_held(path, "", error));
}

void gt_model_lock_release(gt_model_lock *lock)
{
    if (lock->path == NULL)
        return;
    unlink(lock->path); /* while it is held: whoever waits for it sees that it is gone */
    forget(lock);
}
