/* Temporary files of replacements whose process was killed. */
#ifndef GT_IO_LEFT_OVER_H
#define GT_IO_LEFT_OVER_H

#include <stdbool.h>

enum { GT_TEMPORARY_KEPT = 200 }; /* bytes of the target's name that a temporary name begins with */

/* "NAME.PROCESS-NUMBER.tmp": the parts of the name of a temporary file for the target `name`. */
#define GT_TEMPORARY_FORMAT "%.*s.%ld-%d.tmp"

/*
 * Takes the lock that a process holds on its temporary file for as long as it
 * lives, in whatever container or, where the file system has locks, on whatever
 * machine. False if another process has removed the file in the meantime. A file
 * system without locks is no error.
 */
bool gt_temporary_hold(int descriptor);

/* Removes those for the target `name` in the open folder that no process holds. */
void gt_temporary_clean(int folder, const char *name);

#endif
