/* Things sorted into numbered buckets, in order within each. */
#ifndef GT_DUMP_BUCKETS_H
#define GT_DUMP_BUCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gt_buckets {
    uint32_t *first; /* for each bucket: where its things start in `list`; one more at the end */
    uint32_t *list;
} gt_buckets;

/*
 * Sorts things 0 to thing_count - 1 by their buckets, in linear time; thing i goes into
 * bucket[i] if that is below bucket_count, otherwise into the last, number
 * bucket_count. False on no memory. Close it in any case.
 */
bool gt_buckets_open(gt_buckets *buckets, const uint32_t *bucket, size_t thing_count, uint32_t bucket_count);
void gt_buckets_close(gt_buckets *buckets);

#endif
