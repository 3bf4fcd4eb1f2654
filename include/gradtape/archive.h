/*
 * gradtape/archive.h: named arrays in NumPy's .npz files.
 *
 * An archive is a set of named arrays in memory, and text members beside them.
 * It reads what numpy.savez and numpy.savez_compressed write (format versions
 * 1.0 to 3.0, C or Fortran order, either byte order; f4, f8, i4 and i8), and
 * writes what numpy.load reads. Built without libzip, reading and writing give
 * GT_ERROR_UNSUPPORTED.
 *
 * Limits: at most GT_MAX_RANK axes, at most 2^40 bytes per array, and never
 * more memory than the file's own sizes justify: a hostile header cannot make
 * the library allocate what the file does not contain.
 */
#ifndef GRADTAPE_ARCHIVE_H
#define GRADTAPE_ARCHIVE_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_archive gt_archive;

/* An empty archive; NULL on no memory. */
GT_API gt_archive *gt_archive_new(void);
GT_API void gt_archive_free(gt_archive *archive);

/*
 * Reads a whole file. NULL on an error, which names the file, the array and
 * what is wrong with it. i8 arrays become GT_I32 if every entry fits and are an
 * error otherwise, as is every other element type. Members whose names do not
 * end with ".npy" are read as texts, which are UTF-8. Checksums are compared,
 * and two members of one name are an error.
 */
GT_API gt_archive *gt_archive_read(const char *path, gt_error *error);

/*
 * Writes all members to a new file beside `path`, syncs it, and renames it to
 * `path`: at every moment `path` is the old file or the new one, whole. The old
 * file's permissions are kept, and a symbolic link stays one. On an error the
 * old file is as it was and nothing else is left. Arrays are written in Fortran
 * order, texts after them; compress chooses deflate over stored. The same
 * archive always gives the same bytes.
 */
GT_API gt_status gt_archive_write(const gt_archive *archive, const char *path, bool compress,
                                  gt_error *error);

/* Adds or replaces an array; the name and the data (gt_shape_count(shape) entries, column-major) are copied. */
GT_API gt_status gt_archive_add(gt_archive *archive, const char *name, gt_array array, gt_error *error);
/* Adds or replaces a text member such as "model.json", which is stored under exactly that name. */
GT_API gt_status gt_archive_add_text(gt_archive *archive, const char *name, const char *text,
                                     gt_error *error);

GT_API uint32_t gt_archive_count(const gt_archive *archive);
/* The name of the i-th array in order of addition or of the file; NULL past the end. */
GT_API const char *gt_archive_name(const gt_archive *archive, uint32_t i);
/*
 * The array of that name; data NULL if there is none. The data belongs to the
 * archive. A 0-dimensional array has rank 0; arrays of GT_F32, GT_F64 or GT_I32.
 */
GT_API gt_array gt_archive_find(const gt_archive *archive, const char *name);
/* The text member of that name; NULL if there is none. */
GT_API const char *gt_archive_text(const gt_archive *archive, const char *name);

#ifdef __cplusplus
}
#endif
#endif
