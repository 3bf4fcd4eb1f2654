/* Interned shapes, texts and constants: a node refers to them by a 32-bit number. */
#ifndef GT_GRAPH_INTERN_H
#define GT_GRAPH_INTERN_H

#include "gradtape/base.h"

typedef struct gt_shape_entry gt_shape_entry;
typedef struct gt_text_entry gt_text_entry;
typedef struct gt_constant_entry gt_constant_entry;

typedef struct gt_shape_table {
    gt_shape *list;
    size_t count, capacity;
    gt_shape_entry *hash;
} gt_shape_table;

typedef struct gt_text_table {
    gt_text_entry **list; /* list[0] is unused: 0 is no text */
    size_t count, capacity;
    size_t bytes;
    gt_text_entry *hash;
} gt_text_table;

typedef struct gt_constant_table {
    gt_constant_entry *hash;
} gt_constant_table;

/* The number of the shape, added if it is new. False on no memory. */
bool gt_intern_shape(gt_shape_table *table, gt_shape shape, uint32_t *number);
void gt_intern_free_shapes(gt_shape_table *table);

/* The number of the text (from 1), copied and added if it is new; 0 for NULL and "". */
bool gt_intern_text(gt_text_table *table, const char *text, uint32_t *number);
const char *gt_intern_text_at(const gt_text_table *table, uint32_t number); /* "" for 0 */
void gt_intern_free_texts(gt_text_table *table);

/* Where the value belonging to `bits` is kept, 0 if it is new; NULL on no memory. */
uint32_t *gt_intern_constant(gt_constant_table *table, int64_t bits);
void gt_intern_free_constants(gt_constant_table *table);

#endif
