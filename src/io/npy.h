/*
 * One array in NumPy's .npy format, versions 1.0 to 3.0: a magic text, the
 * length of a header, the header (a Python dictionary in words), the entries.
 * Source: "NEP 1, a simple file format for NumPy arrays", and numpy.lib.format.
 *
 * The messages of these functions say what is wrong with "it", the array; the
 * caller puts the file and the name before them.
 */
#ifndef GT_IO_NPY_H
#define GT_IO_NPY_H

#include "io/file_types.h"

#define GT_NPY_MAX_BYTES ((int64_t)1 << 40) /* of one array */

/* How an array lies in a file. */
typedef struct gt_npy_layout {
    gt_shape shape;
    const gt_file_type *type;
    bool swapped;      /* its bytes are in the order that is not this machine's */
    bool column_major; /* Fortran order; otherwise C order */
} gt_npy_layout;

enum { GT_NPY_MAGIC_SIZE = 8 }; /* the magic text and the version */

/* Checks the first 8 bytes; *length_size becomes the size of the length that follows: 2 or 4. */
gt_status gt_npy_check_magic(const uint8_t bytes[GT_NPY_MAGIC_SIZE], uint32_t *length_size, gt_error *error);
/* The length of the header from its 2 or 4 bytes. */
uint32_t gt_npy_header_length(const uint8_t *bytes, uint32_t length_size);
/* How the bytes of a file are come by: all of them, or an error about "it". */
typedef gt_status gt_npy_read(void *from, void *bytes, size_t size, gt_error *error);
/* Reads all of the header, by way of `chunk`, which has room for `most` bytes; a longer one is an error. */
gt_status gt_npy_read_header(gt_npy_read *read, void *from, uint8_t *chunk, uint32_t most, gt_npy_layout *layout,
                             gt_error *error);
/* Reads the header's text. On success shape is valid and within GT_NPY_MAX_BYTES. */
gt_status gt_npy_parse_header(const char *text, size_t size, gt_npy_layout *layout, gt_error *error);

/* Where the next entry of the file goes. */
typedef struct gt_npy_cursor {
    const gt_npy_layout *layout;
    int64_t place;               /* of the next entry in column-major order */
    bool beyond;                 /* a wide type's entry was outside of 32-bit integers */
    int64_t index[GT_MAX_RANK];  /* of the next entry; only for C order */
    int64_t stride[GT_MAX_RANK]; /* from one entry to the next along each axis in column-major order */
} gt_npy_cursor;

void gt_npy_cursor_start(gt_npy_cursor *cursor, const gt_npy_layout *layout);
/* Converts the next `count` entries of the file and puts them into the array `out`. */
gt_status gt_npy_place(gt_npy_cursor *cursor, const uint8_t *bytes, int64_t count, void *out, gt_error *error);

/*
 * Whole numbers of a wide type are read as doubles, exactly or not at all. Once all of them are
 * there, an array whose entries are all 32-bit integers becomes GT_I32, in place.
 */
void gt_npy_narrow(const gt_npy_cursor *cursor, gt_array *array);

/* Everything that stands before the entries; they follow as they lie in memory. */
typedef struct gt_npy_preamble {
    uint32_t size;
    char bytes[256];
} gt_npy_preamble;

void gt_npy_format_preamble(gt_array array, gt_npy_preamble *preamble);

#endif
