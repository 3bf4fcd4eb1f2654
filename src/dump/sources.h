/* What a hidden node stands for. */
#ifndef GT_DUMP_SOURCES_H
#define GT_DUMP_SOURCES_H

#include "dump/collect.h"

/* A list of entries. */
typedef struct gt_sources {
    uint32_t *list;
    size_t count, capacity;
    uint32_t *pending; /* of the search */
    size_t pending_count, pending_capacity;
} gt_sources;

/* The shown entries that entry `i` is made of, in order: itself if it is shown. False on no memory. */
bool gt_sources_find(gt_sources *sources, const gt_collection *c, uint32_t i);
void gt_sources_free(gt_sources *sources);

#endif
