/* Memory that is taken in pieces and given back down to a mark: for one candidate after the other.
 */
#ifndef GT_DIAGNOSE_ARENA_H
#define GT_DIAGNOSE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

typedef struct gt_arena_block gt_arena_block;

typedef struct gt_arena {
    gt_arena_block *first, *current;
    bool failed; /* some piece could not be had; it stays so */
} gt_arena;

typedef struct gt_arena_mark {
    gt_arena_block *block;
    size_t used;
} gt_arena_mark;

/* Room for `count` elements, aligned for any type, not zeroed; NULL on no memory. */
void *gt_arena_new(gt_arena *arena, size_t count, size_t size);
/* A printed text. NULL on no memory. */
char *gt_arena_print(gt_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

gt_arena_mark gt_arena_here(const gt_arena *arena);
/* What was taken since the mark may be used anew. */
void gt_arena_return(gt_arena *arena, gt_arena_mark mark);
void gt_arena_free(gt_arena *arena);

#endif
