#include "io/left_over.h"

#include "base/utf8.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool gt_temporary_hold(int descriptor)
{
    struct stat about;
    flock(descriptor, LOCK_EX | LOCK_NB);
    return fstat(descriptor, &about) == 0 && about.st_nlink > 0;
}

static const char *skip_digits(const char *text)
{
    const char *start = text;
    while (isdigit((unsigned char)*text))
        text++;
    return text == start ? NULL : text;
}

/* Whether `candidate` is a temporary name for the target `name`. */
static bool is_temporary(const char *candidate, const char *name)
{
    size_t kept = (size_t)gt_utf8_fit(name, GT_TEMPORARY_KEPT);
    if (strncmp(candidate, name, kept) != 0 || candidate[kept] != '.')
        return false;
    const char *at = skip_digits(candidate + kept + 1);
    at = at != NULL && *at == '-' ? skip_digits(at + 1) : NULL;
    return at != NULL && strcmp(at, ".tmp") == 0;
}

/* Only a file that this user wrote and nobody holds. */
static void remove_unless_held(int folder, const char *name)
{
    int descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat about;
    if (descriptor < 0)
        return;
    if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() &&
        flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        unlinkat(folder, name, 0);
    close(descriptor);
}

void gt_temporary_clean(int folder, const char *name)
{
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = own < 0 ? NULL : fdopendir(own);
    if (entries == NULL) {
        if (own >= 0)
            close(own);
        return; /* what is left over harms nobody */
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (is_temporary(entry->d_name, name))
            remove_unless_held(folder, entry->d_name);
    closedir(entries);
}
