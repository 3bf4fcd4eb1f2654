/* gt_size_solve: the one dimension that a size leaves open, from what the size is worth. */
#include "gradtape/cell.h"

#include <ctype.h>
#include <string.h>

#define MOST_DIMENSIONS 64

static bool is_known(const char *name, size_t length, const gt_dimension *dimensions, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (strlen(dimensions[i].name) == length && memcmp(dimensions[i].name, name, length) == 0)
            return true;
    return false;
}

/* The only name in the size that has no value; false if there is none, or more than one. */
static bool find_unknown(const char *size, const gt_dimension *dimensions, uint32_t count, char name[GT_SIZE_NAME])
{
    name[0] = '\0';
    for (const char *c = size; *c != '\0';) {
        size_t length = 0;
        while (isalnum((unsigned char)c[length]) || c[length] == '_')
            length++;
        bool is_name = length > 0 && !isdigit((unsigned char)*c);
        if (is_name && !is_known(c, length, dimensions, count)) {
            if (length >= GT_SIZE_NAME)
                return false;
            if (name[0] != '\0' && (strlen(name) != length || memcmp(name, c, length) != 0))
                return false;
            memcpy(name, c, length);
            name[length] = '\0';
        }
        c += length > 0 ? length : 1;
    }
    return name[0] != '\0';
}

bool gt_size_solve(const char *size, int64_t value, const gt_dimension *dimensions, uint32_t dimension_count,
                   char name[GT_SIZE_NAME], int64_t *solution)
{
    /* Far from where a size would be below 1, which cannot be evaluated. */
    enum { BASE = 1 << 20 };
    gt_dimension known[MOST_DIMENSIONS];
    int64_t at[3];
    if (size == NULL || dimension_count >= MOST_DIMENSIONS || !find_unknown(size, dimensions, dimension_count, name))
        return false;
    memcpy(known, dimensions, dimension_count * sizeof *known);
    for (int i = 0; i < 3; i++) {
        known[dimension_count] = (gt_dimension){name, BASE + i};
        if (gt_size_evaluate(size, known, dimension_count + 1, &at[i], NULL) != GT_OK)
            return false;
    }
    int64_t slope = at[1] - at[0];
    if (slope == 0 || at[2] - at[1] != slope || (value - at[0]) % slope != 0)
        return false;
    *solution = BASE + (value - at[0]) / slope;
    return *solution >= 1;
}
