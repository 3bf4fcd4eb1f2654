/*
 * gradtape/base.h: status codes, errors, array types and shapes.
 *
 * Arrays are column-major (the first index is contiguous) and have at most
 * GT_MAX_RANK axes. An axis that a shape does not name has size 1, so (5),
 * (5, 1) and (5, 1, 1) hold the same numbers and mix freely in arithmetic.
 */
#ifndef GRADTAPE_BASE_H
#define GRADTAPE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Only what is marked GT_API leaves the shared library. */
#if defined(__GNUC__)
#define GT_API __attribute__((visibility("default")))
#define GT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define GT_API
#define GT_PRINTF(text, first)
#endif

/*
 * The version of these headers, for #if GT_VERSION_NUMBER >= GT_VERSION_OF(0, 2, 0). Before 1.0 a
 * minor version may change any interface, and says so under "Changed" in CHANGELOG.md; a patch changes none.
 */
#define GT_VERSION_MAJOR 0
#define GT_VERSION_MINOR 1
#define GT_VERSION_PATCH 0
#define GT_VERSION_OF(major, minor, patch) (((major)*1000 + (minor)) * 1000 + (patch))
#define GT_VERSION_NUMBER GT_VERSION_OF(GT_VERSION_MAJOR, GT_VERSION_MINOR, GT_VERSION_PATCH)

/* "major.minor.patch" of the library that runs, which may differ from that of the headers. */
GT_API const char *gt_version(void);
/* The same as a number. */
GT_API int gt_version_number(void);

/* ---- status -------------------------------------------------------------------------------- */

typedef enum gt_status {
    GT_OK = 0,
    GT_ERROR_ARGUMENT,    /* an argument is outside of what the function documents */
    GT_ERROR_SHAPE,       /* shapes do not fit together */
    GT_ERROR_TYPE,        /* element types do not fit together */
    GT_ERROR_TAPE,        /* a var of another tape, or an invalid var */
    GT_ERROR_SIZE,        /* a size overflows, or a stated limit is exceeded */
    GT_ERROR_MEMORY,      /* no memory */
    GT_ERROR_UNBOUND,     /* an input has no value */
    GT_ERROR_VALUE,       /* a value is outside of the op's domain (an index, a target) */
    GT_ERROR_NOT_FINITE,  /* a NaN or an infinity where finite numbers were asked for */
    GT_ERROR_FILE,        /* the operating system refused: open, read, write, sync, rename */
    GT_ERROR_FORMAT,      /* a file's contents are not what its format says */
    GT_ERROR_UNSUPPORTED, /* this build lacks the optional library that this needs */
    GT_ERROR_INTERRUPTED  /* a callback asked to stop */
} gt_status;

/* A short name such as "shape mismatch"; never NULL, also for an unknown status. */
GT_API const char *gt_status_name(gt_status status);

/*
 * What went wrong, for functions that have no object on which to leave it.
 * Every `gt_error *` argument may be NULL. On success it is left as it was.
 */
#define GT_MESSAGE_SIZE 512
typedef struct gt_error {
    gt_status status;
    char message[GT_MESSAGE_SIZE]; /* one sentence for a person: what, where, what to do */
} gt_error;

/* Fills *error (if not NULL; the message is cut to fit) and returns status. */
GT_API gt_status gt_error_set(gt_error *error, gt_status status, const char *format, ...) GT_PRINTF(3, 4);

/*
 * The value that a struct of options begins with: its size, so that a library which knows more fields takes
 * those of an older program, and the rest at their defaults.
 */
#ifdef __cplusplus
#define GT_SIZED(type)                                                                                                 \
    [] {                                                                                                               \
        type made = type();                                                                                            \
        made.size = sizeof made;                                                                                       \
        return made;                                                                                                   \
    }()
#else
#define GT_SIZED(type)                                                                                                 \
    {                                                                                                                  \
        .size = sizeof(type)                                                                                           \
    }
#endif

/* ---- element types ------------------------------------------------------------------------- */

typedef enum gt_dtype {
    GT_F64 = 0, /* double */
    GT_F32,     /* float */
    GT_I32      /* int32_t: indices and targets; never differentiated */
} gt_dtype;

GT_API const char *gt_dtype_name(gt_dtype dtype); /* "f64", "f32", "i32" */
GT_API size_t gt_dtype_size(gt_dtype dtype);      /* bytes of one element */

/* ---- shapes -------------------------------------------------------------------------------- */

#define GT_MAX_RANK 4

/*
 * `rank` axes with sizes size[0], size[1], ...; unused entries are 1. A scalar
 * has rank 0. A rank of -1 marks an impossible shape (more than GT_MAX_RANK
 * axes, or a size below 1, which is kept for the message): ops report it where
 * it is used.
 */
typedef struct gt_shape {
    int32_t rank;
    int64_t size[GT_MAX_RANK];
} gt_shape;

/* GT_SHAPE(n, m): a shape from one to four sizes, each at least 1. */
#define GT_SHAPE(...) GT_SHAPE_PICK(__VA_ARGS__, GT_NO_SIZE, GT_NO_SIZE, GT_NO_SIZE, GT_NO_SIZE, 0)
#define GT_SHAPE_PICK(a, b, c, d, e, ...) gt_shape_make(a, b, c, d, e)
#define GT_NO_SIZE INT64_MIN
#define GT_SCALAR gt_shape_make(GT_NO_SIZE, GT_NO_SIZE, GT_NO_SIZE, GT_NO_SIZE, GT_NO_SIZE)

/* What GT_SHAPE calls; GT_NO_SIZE ends the list early. */
GT_API gt_shape gt_shape_make(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e);
GT_API bool gt_shape_valid(gt_shape shape);
/* The same sizes; the rank may differ: (5) equals (5, 1). */
GT_API bool gt_shape_equal(gt_shape a, gt_shape b);
/* The number of elements; -1 if the shape is invalid or so many do not fit into the address space. */
GT_API int64_t gt_shape_count(gt_shape shape);
/* Writes "(5, 10)" into text, cut to fit `size` bytes; returns text. */
GT_API char *gt_shape_format(gt_shape shape, char *text, size_t size);

/*
 * An array: a pointer with its type and shape. It owns nothing; who owns the
 * data is said where one is passed.
 */
typedef struct gt_array {
    void *data;
    gt_dtype dtype;
    gt_shape shape;
} gt_array;

#ifdef __cplusplus
}
#endif
#endif
