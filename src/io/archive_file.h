/* The zip file that an archive is read from, and the bytes of its members. */
#ifndef GT_IO_ARCHIVE_FILE_H
#define GT_IO_ARCHIVE_FILE_H

#include "io/archive.h"

#include <zip.h>

enum { GT_CHUNK_SIZE = 65536 }; /* also the longest header of an array */

struct gt_archive_file {
    char *path;
    zip_t *zip;
    uint8_t *chunk;     /* GT_CHUNK_SIZE bytes */
    uint64_t unclaimed; /* bytes of the file that no member has claimed as its own yet */
};

/* NULL on an error, which names the file. */
gt_archive_file *gt_archive_file_open(const char *path, gt_error *error);
void gt_archive_file_free(gt_archive_file *file);

/*
 * Checks what the file's directory says of a member, of which no byte is read; subtracts its share
 * from file->unclaimed. These errors, and those below, are about "it", the member.
 */
gt_status gt_archive_file_check(gt_archive_file *file, const zip_stat_t *about, gt_error *reason);

/* A member being read. */
typedef struct gt_source {
    zip_file_t *member;
    uint64_t left; /* bytes still to come, as the zip file's directory says */
} gt_source;

gt_status gt_source_open(gt_source *source, const gt_archive_file *file, uint64_t place, uint64_t size,
                         gt_error *reason);
/* Reads exactly `size` bytes. */
gt_status gt_source_read(gt_source *source, void *out, uint64_t size, gt_error *reason);
/* Reads the end of the member, where libzip compares the checksum. */
gt_status gt_source_finish(gt_source *source, gt_error *reason);
void gt_source_close(gt_source *source);

#endif
