/* Shapes in the names of sizes. */
#include "base/utf8.h"
#include "dump/box.h"

#include <string.h>

#define LONGEST_SHAPE 320

/* "n_h n_k m": size as a product of at most `most` names from the i-th on; false: it is none. */
static bool find_product(const gt_graph *graph, int64_t size, uint32_t i, int most, char text[LONGEST_SHAPE])
{
    size_t length = strlen(text);
    for (; i < graph->dimension_count && most > 0; i++) {
        const gt_dimension *d = &graph->dimensions[i];
        if (!gt_is_size_name(d->name) || d->size < 2 || size % d->size != 0)
            continue;
        gt_utf8_format(text + length, LONGEST_SHAPE - length, "%s%s", length > 0 ? " " : "", d->name);
        if (size == d->size || find_product(graph, size / d->size, i + 1, most - 1, text))
            return true;
        text[length] = '\0';
    }
    return false;
}

/* "n_a", or "n_a+n_x" as the graph's list has it; or a sum of two names, or a product of names; "" if there is none. */
static void find_size(const gt_graph *graph, int64_t size, char text[LONGEST_SHAPE])
{
    const gt_dimension *list = graph->dimensions;
    uint32_t count = graph->dimension_count;
    text[0] = '\0';
    for (uint32_t i = 0; i < count; i++)
        if (list[i].size == size) {
            gt_utf8_format(text, LONGEST_SHAPE, "%s", list[i].name);
            return;
        }
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = i + 1; k < count; k++)
            if (gt_is_size_name(list[i].name) && gt_is_size_name(list[k].name) && list[i].size == size - list[k].size) {
                gt_utf8_format(text, LONGEST_SHAPE, "%s+%s", list[i].name, list[k].name);
                return;
            }
    enum { MOST_FACTORS = 4 };
    if (!find_product(graph, size, 0, MOST_FACTORS, text))
        text[0] = '\0';
}

const char *gt_shape_text(const gt_graph *graph, gt_shape shape, gt_pool *pool)
{
    char text[LONGEST_SHAPE] = "(", size[LONGEST_SHAPE];
    for (int32_t i = 0; i < shape.rank; i++) {
        size[0] = '\0';
        if (shape.size[i] != 1)
            find_size(graph, shape.size[i], size);
        if (size[0] == '\0')
            gt_utf8_format(size, sizeof size, "%lld", (long long)shape.size[i]);
        size_t length = strlen(text);
        gt_utf8_format(text + length, sizeof text - length, "%s%s", i > 0 ? ", " : "", size);
    }
    size_t length = strlen(text);
    char *copy = gt_pool_new(pool, length + 2, 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = ')';
    return copy;
}
