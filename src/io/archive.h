/* What an archive is in memory. */
#ifndef GT_IO_ARCHIVE_H
#define GT_IO_ARCHIVE_H

#include "gradtape/archive.h"

#include "base/hash.h"

/* An array or a text. One of a file that is open has neither data nor text before it is read. */
typedef struct gt_member {
    char *name; /* of an array: without ".npy" */
    gt_array array;
    char *text;
    const char *type;     /* of an array from a file: NumPy's name of its type there */
    uint64_t place, size; /* in the file: which member, and its bytes */
    bool waiting;         /* to be read */
    bool added;
    UT_hash_handle hh;
} gt_member;

/* Members of one kind, found by name and in order of addition. */
typedef struct gt_member_table {
    gt_member *by_name; /* uthash */
    gt_member **list;
    size_t count, capacity;
} gt_member_table;

typedef struct gt_archive_file gt_archive_file;

struct gt_archive {
    gt_member_table arrays, texts;
    gt_archive_file *file; /* from which members are read; NULL: none is open */
};

/* gt_archive_open and gt_archive_read of a zip file. */
gt_archive *gt_archive_open_zip(const char *path, gt_error *error);
gt_archive *gt_archive_read_zip(const char *path, gt_error *error);

/* Closes archive->file, if it is open. */
void gt_archive_close(gt_archive *archive);

/*
 * Checks a name: UTF-8 without control characters, which would reach a terminal
 * in messages, and not too long for a zip file.
 */
gt_status gt_archive_check_name(const char *name, gt_error *error);

/* The member of that name, or NULL. */
gt_member *gt_member_find(const gt_member_table *table, const char *name);

/* Appends a member that waits to be read. NULL on no memory. */
gt_member *gt_archive_list_member(gt_member_table *table, const char *name);

/*
 * Adds or replaces a member. array.data or text, whichever is not NULL, is the
 * archive's afterwards, also on an error. The name is copied.
 */
gt_status gt_archive_take_array(gt_archive *archive, const char *name, gt_array array, gt_error *error);
gt_status gt_archive_take_text(gt_archive *archive, const char *name, char *text, gt_error *error);

#define GT_TEXT_MAX_BYTES (1 << 26)
#define GT_NPY_SUFFIX ".npy" /* what an array's name has behind it in the file */
/* True if `name` is that of an array in the file. */
bool gt_archive_names_array(const char *name);

#endif
