#include "models/zoo.h"

#include <string.h>

uint32_t gt_zoo_count(void)
{
    return gt_zoo_entry_count;
}

const gt_zoo_entry *gt_zoo_at(uint32_t i)
{
    return i < gt_zoo_entry_count ? &gt_zoo_entries[i] : NULL;
}

const gt_zoo_entry *gt_zoo_find(const char *name)
{
    for (uint32_t i = 0; name != NULL && i < gt_zoo_entry_count; i++)
        if (strcmp(gt_zoo_entries[i].name, name) == 0)
            return &gt_zoo_entries[i];
    return NULL;
}
