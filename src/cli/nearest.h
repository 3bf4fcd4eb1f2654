/* Suggestions for misspelt names. */
#ifndef GT_CLI_NEAREST_H
#define GT_CLI_NEAREST_H

#include <stddef.h>

/*
 * The number of letters to insert, delete, replace or swap with their
 * neighbour, upper and lower case being the same, that turn a into b:
 * the optimal string alignment distance. Only the first 63 letters are read.
 */
size_t gt_nearest_distance(const char *a, const char *b);

/* Collects candidates one after the other; start with {.wanted = name}. */
typedef struct gt_nearest {
    const char *wanted;
    const char *best; /* the closest candidate, or NULL where none is close enough to suggest */
    size_t distance;
} gt_nearest;

void gt_nearest_offer(gt_nearest *search, const char *candidate);

#endif
