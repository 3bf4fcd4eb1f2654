#include "gradtape/nearest.h"

#include <ctype.h>
#include <string.h>

#define LONGEST 63

static size_t length(const char *text)
{
    return strnlen(text, LONGEST);
}

static int same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t gt_nearest_distance(const char *a, const char *b)
{
    /* Row i holds the distances of the first i letters of a to every beginning of b. */
    size_t rows[3][LONGEST + 1];
    size_t n = length(a), m = length(b);
    size_t *before = rows[0], *previous = rows[1], *current = rows[2];
    for (size_t j = 0; j <= m; j++)
        current[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *oldest = before;
        before = previous;
        previous = current;
        current = oldest;
        current[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t replaced = previous[j - 1] + !same(a[i - 1], b[j - 1]);
            current[j] = least(replaced, 1 + least(previous[j], current[j - 1]));
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                current[j] = least(current[j], before[j - 2] + 1);
        }
    }
    return current[m];
}

void gt_nearest_offer(gt_nearest *search, const char *candidate)
{
    size_t distance = gt_nearest_distance(search->wanted, candidate);
    /* More than about a third of the letters wrong is another word, not a slip; so is any other letter for one. */
    if (distance > (length(search->wanted) == 1 ? 0 : (length(search->wanted) + 2) / 3))
        return;
    if (search->best == NULL || distance < search->distance) {
        search->best = candidate;
        search->distance = distance;
    }
}
