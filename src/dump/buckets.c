#include "dump/buckets.h"

#include "base/memory.h"

static uint32_t bucket_of(const uint32_t *bucket, size_t i, uint32_t last)
{
    return bucket[i] < last ? bucket[i] : last;
}

bool gt_buckets_open(gt_buckets *buckets, const uint32_t *bucket, size_t thing_count, uint32_t bucket_count)
{
    buckets->first = gt_memory_new((size_t)bucket_count + 2, sizeof *buckets->first);
    buckets->list = gt_memory_new(thing_count, sizeof *buckets->list);
    if (buckets->first == NULL || buckets->list == NULL) {
        gt_buckets_close(buckets);
        return false;
    }
    uint32_t *first = buckets->first;
    for (size_t i = 0; i < thing_count; i++)
        first[bucket_of(bucket, i, bucket_count) + 1]++;
    for (uint32_t i = 0; i <= bucket_count; i++)
        first[i + 1] += first[i];
    /* Each start moves on to the start of the next bucket, and all are then set back by one. */
    for (size_t i = 0; i < thing_count; i++)
        buckets->list[first[bucket_of(bucket, i, bucket_count)]++] = (uint32_t)i;
    for (uint32_t i = bucket_count + 1; i > 0; i--)
        first[i] = first[i - 1];
    first[0] = 0;
    return true;
}

void gt_buckets_close(gt_buckets *buckets)
{
    gt_memory_free(buckets->first);
    gt_memory_free(buckets->list);
    *buckets = (gt_buckets){0};
}
