/*
 * Replacing a file: the new contents go to a temporary file in the same folder,
 * which is synced and then renamed, so that at every moment the path is the old
 * file or the new one, whole. Of several processes that replace one file, the
 * last to rename wins. A process that is killed leaves its temporary file, and
 * the next replacement of the same file removes it: see left_over.h. For contents
 * that are in memory there is gt_file_replace.
 */
#ifndef GT_IO_REPLACEMENT_H
#define GT_IO_REPLACEMENT_H

#include "gradtape/base.h"

typedef struct gt_replacement {
    int descriptor;   /* the temporary file, open for reading and writing */
    int directory;    /* the folder */
    char *target;     /* the path behind all links */
    const char *name; /* its last component, inside target */
    char *temporary;  /* the temporary file's name in the folder */
} gt_replacement;

/*
 * Opens the temporary file. A link is followed, so that it stays a link. The
 * file will have the permissions of the old one, and its owner where the system
 * allows. An old file that is write-protected or no regular file is an error.
 * On an error nothing is left behind and nothing is to be discarded.
 */
gt_status gt_replacement_begin(gt_replacement *replacement, const char *path, gt_error *error);

/* Writes all bytes at `offset` of the temporary file. False with errno set. */
bool gt_replacement_write(const gt_replacement *replacement, int64_t offset, const void *bytes, size_t size);

/*
 * Syncs, renames and closes. On an error before the renaming the old file is as
 * it was and the temporary one is gone.
 */
gt_status gt_replacement_commit(gt_replacement *replacement, gt_error *error);

/* Removes the temporary file. */
void gt_replacement_discard(gt_replacement *replacement);

#endif
