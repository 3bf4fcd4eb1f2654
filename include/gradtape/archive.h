/*
 * gradtape/archive.h: named arrays in NumPy's .npz files, and in the others that hold arrays.
 *
 * An archive is a set of named arrays in memory, and text members beside them.
 * It reads what numpy.savez and numpy.savez_compressed write (format versions
 * 1.0 to 3.0, C or Fortran order, either byte order; f8, f4, f2, whole numbers
 * of 8 to 64 bits, signed or not, and booleans), and writes what numpy.load
 * reads. A .npy file is read as an archive of one array with the file's name, "x" of
 * folder/x.npy, and a .safetensors file as gt_safetensors_read does; what a file is, its
 * first bytes tell. Built without libzip, .npz files give GT_ERROR_UNSUPPORTED.
 *
 * Limits: at most GT_MAX_RANK axes, 2^40 bytes per array, 64 MiB per text, and never
 * more memory than the file's own sizes justify: a hostile header cannot make
 * the library allocate what the file does not contain. What can be in a file
 * compressed is 1,032 times its size; who expects certain arrays reads with
 * gt_archive_open and gt_archive_load, which take memory only for those.
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
 * what is wrong with it. f2 arrays become GT_F32, booleans and whole numbers
 * GT_I32. Those of 64 bits, and unsigned ones of 32, become GT_I32 if every
 * entry fits, else GT_F64 if every entry is at most 2^53 and so exact, and are
 * an error otherwise, as is every other element type. Members whose names do
 * not end with ".npy" are read as texts, which are UTF-8. Checksums are
 * compared, and two members of one name are an error. What macOS adds to zip
 * files (__MACOSX/, .DS_Store, ._NAME) is passed over. Any other file is
 * an error that says what it is, where it can be told.
 */
GT_API gt_archive *gt_archive_read(const char *path, gt_error *error);

/*
 * The same, but only the names, types and shapes are read. The arrays and texts
 * are there, with data NULL, until they are loaded; the file stays open until
 * the archive is freed. Of files other than .npz everything is read at once.
 */
GT_API gt_archive *gt_archive_open(const char *path, gt_error *error);
/* Reads an array, unless it is there already. */
GT_API gt_status gt_archive_load(gt_archive *archive, const char *name, gt_error *error);

/*
 * Writes all members to a new file beside `path`, reads it back, syncs it, and
 * renames it to `path`: at every moment `path` is the old file or the new one,
 * whole; of several processes that write to it, the last one wins. The old file's
 * permissions are kept, and a symbolic link stays one. On an error the old file is
 * as it was and nothing else is left. A process that is killed may leave its new
 * file, PATH.PROCESS-NUMBER.tmp; the next writing to `path` removes it. Arrays are
 * written in Fortran order, texts after them; compress chooses deflate over
 * stored. The same archive always gives the same bytes.
 */
GT_API gt_status gt_archive_write(const gt_archive *archive, const char *path, bool compress, gt_error *error);

/* Bytes that a function of the library made: gt_safetensors_render, gt_onnx_tape. NULL is allowed. */
GT_API void gt_archive_bytes_free(char *bytes);

/* Adds or replaces an array; the name and the data (gt_shape_count(shape) entries, column-major) are copied. */
GT_API gt_status gt_archive_add(gt_archive *archive, const char *name, gt_array array, gt_error *error);

/* Adds or replaces a text member such as "model.json", which is stored under exactly that name. */
GT_API gt_status gt_archive_add_text(gt_archive *archive, const char *name, const char *text, gt_error *error);

GT_API uint32_t gt_archive_count(const gt_archive *archive);
/* The name of the i-th array in order of addition or of the file; NULL past the end. */
GT_API const char *gt_archive_name(const gt_archive *archive, uint32_t i);
/*
 * The array of that name; data NULL if there is none, or it is not loaded: then
 * it has its shape, and a type that may still become GT_I32; if there is none
 * all of it is 0. The data belongs to the archive. A 0-dimensional array has
 * rank 0; arrays of GT_F32, GT_F64 or GT_I32.
 */
GT_API gt_array gt_archive_find(const gt_archive *archive, const char *name);

#ifdef __cplusplus
}
#endif
#endif
