#include "compare/claim.h"

#include "base/clock.h"
#include "training/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TOUCH_SECONDS 5
#define WRITING_SECONDS 60 /* a claim without words is one that is being written, so long */

static const char words[] = "gradtape compare, process %ld on %63s";

static void find_machine(char name[64])
{
    if (gethostname(name, 64) != 0)
        name[0] = '\0';
    name[63] = '\0';
    for (char *c = name; *c != '\0'; c++) /* one word */
        if ((unsigned char)*c <= ' ')
            *c = '_';
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool read_holder(int descriptor, gt_claim_holder *holder)
{
    char text[160];
    struct stat about;
    ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
    *holder = (gt_claim_holder){.process = 0};
    if (size < 0 || fstat(descriptor, &about) != 0)
        return false;
    text[size] = '\0';
    if (sscanf(text, words, &holder->process, holder->machine) != 2)
        holder->machine[0] = '\0';
    holder->silent = difftime(time(NULL), about.st_mtime);
    return true;
}

bool gt_claim_look(const char *path, gt_claim_holder *holder)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    bool found = descriptor >= 0 && read_holder(descriptor, holder);
    if (descriptor >= 0)
        close(descriptor);
    return found;
}

/* ---- taking -------------------------------------------------------------------------------- */

static gt_claim_answer fail(gt_claim *claim, gt_error *error)
{
    gt_error_set(error, GT_ERROR_FILE, "%s cannot be written: %s", claim->path, strerror(errno));
    if (claim->descriptor >= 0)
        close(claim->descriptor);
    claim->descriptor = -1;
    return GT_CLAIM_FAILED;
}

static bool sign(const gt_claim *claim)
{
    char machine[64], text[160];
    find_machine(machine);
    int size = snprintf(text, sizeof text, "gradtape compare, process %ld on %s\n", (long)getpid(), machine);
    return ftruncate(claim->descriptor, 0) == 0 && pwrite(claim->descriptor, text, (size_t)size, 0) == size;
}

/* A file of our own making; without words it would be in everybody's way. */
static gt_claim_answer take_new(gt_claim *claim, gt_error *error)
{
    if (flock(claim->descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(claim->descriptor); /* whoever looked at it in between took it for an orphan */
        claim->descriptor = -1;
        return GT_CLAIM_HELD;
    }
    if (sign(claim))
        return GT_CLAIM_TAKEN;
    int reason = errno;
    unlink(claim->path);
    errno = reason;
    return fail(claim, error);
}

static bool is_orphan(const gt_claim_holder *holder)
{
    char machine[64];
    find_machine(machine);
    return holder->machine[0] != '\0' ? strcmp(holder->machine, machine) == 0 : holder->silent > WRITING_SECONDS;
}

/* Whether the file that is open is still the one with that name. */
static bool is_there(const gt_claim *claim)
{
    struct stat own, found;
    return fstat(claim->descriptor, &own) == 0 && lstat(claim->path, &found) == 0 && own.st_dev == found.st_dev &&
           own.st_ino == found.st_ino;
}

/* One that is there: ours if its process was on this machine and holds the lock no more. */
static gt_claim_answer take_over(gt_claim *claim, gt_claim_holder *holder, gt_error *error)
{
    claim->descriptor = open(claim->path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (claim->descriptor < 0 && errno == ENOENT)
        return GT_CLAIM_HELD; /* it was there a moment ago: the run has just been done */
    if (claim->descriptor < 0)
        return fail(claim, error);
    bool orphan = read_holder(claim->descriptor, holder) && is_orphan(holder) &&
                  flock(claim->descriptor, LOCK_EX | LOCK_NB) == 0 && is_there(claim);
    if (orphan)
        return sign(claim) ? GT_CLAIM_ORPHAN : fail(claim, error);
    close(claim->descriptor);
    claim->descriptor = -1;
    return GT_CLAIM_HELD;
}

gt_claim_answer gt_claim_take(gt_claim *claim, const char *path, gt_claim_holder *holder, gt_error *error)
{
    *claim = (gt_claim){.path = path, .touched = gt_clock_seconds()};
    *holder = (gt_claim_holder){.process = 0};
    claim->descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (claim->descriptor >= 0)
        return take_new(claim, error);
    return errno == EEXIST ? take_over(claim, holder, error) : fail(claim, error);
}

void gt_claim_touch(gt_claim *claim)
{
    double now = gt_clock_seconds();
    if (claim->descriptor < 0 || now - claim->touched < TOUCH_SECONDS)
        return;
    claim->touched = now;
    (void)futimens(claim->descriptor, NULL); /* where it fails, it is at worst said to be silent */
}

void gt_claim_release(gt_claim *claim)
{
    if (claim->descriptor < 0)
        return;
    unlink(claim->path); /* while it is held */
    close(claim->descriptor);
    claim->descriptor = -1;
}

void gt_claim_clear(const char *path)
{
    gt_claim claim = {.path = path};
    gt_claim_holder holder;
    if (take_over(&claim, &holder, NULL) == GT_CLAIM_ORPHAN)
        gt_claim_release(&claim);
}
