/* The arrays that are to be converted, by what their names mean. */
#ifndef GT_LAYOUTS_GIVEN_H
#define GT_LAYOUTS_GIVEN_H

#include "layouts/tables.h"

enum { GT_LAYOUT_NUMBERS = 1 << 20 }; /* of layers, in names */

typedef struct gt_given_array {
    const char *name; /* the archive's */
    gt_array array;
    bool read;      /* its name begins with the prefix */
    int32_t extra;  /* a place in gt_layout_extras, or -1 */
    char *kind;     /* without prefix, layer and direction: "weight_ih"; owned; NULL: it has no such form */
    uint32_t layer; /* the number in its name, and later its place among all */
    bool reverse;
    bool used;
} gt_given_array;

typedef struct gt_given {
    gt_framework framework;
    const gt_layout_cell *cell;
    gt_given_array *list;
    uint32_t count;
    uint32_t layer_count, direction_count;
} gt_given;

/* Understands the names of an archive, which must outlive it. */
gt_status gt_given_open(gt_given *given, const gt_archive *archive, const gt_convert_options *options,
                        const gt_layout_cell *cell, gt_error *error);
void gt_given_close(gt_given *given);

/* The array of a layer, a direction and a kind, or NULL. */
gt_given_array *gt_given_find(const gt_given *given, uint32_t layer, bool reverse, const char *kind);

#endif
