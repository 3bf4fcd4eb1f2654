/*
 * Random numbers by their place: Philox4x32-10 with the seed as its key; the counter is the
 * number of the entry and the 64-bit FNV-1a hash of the array's name. So each array, and each
 * entry, has numbers of its own, whatever else is drawn.
 */
#ifndef GT_BASE_STREAM_H
#define GT_BASE_STREAM_H

#include <stdint.h>

/* Where the numbers of one array come from. */
typedef struct gt_stream {
    uint32_t key[2];
    uint64_t name_hash;
} gt_stream;

gt_stream gt_stream_of(uint64_t seed, const char *name);
/* Further numbers of the same array: those of draw `site`; 0 is the stream itself. */
gt_stream gt_stream_at(gt_stream stream, uint32_t site);

/* Two numbers, uniform on [0, 1), of 53 bits each, that belong to entry i. */
void gt_stream_draw(const gt_stream *stream, uint64_t i, double uniform[2]);
/* Normal with mean 0 and deviation 1: Box and Muller 1958, the first of the two numbers. */
double gt_stream_normal(const gt_stream *stream, uint64_t i);

#endif
