#include "command/dimensions.h"

#include "command/page.h"

void gt_print_dimensions(const gt_dimensions *dimensions)
{
    for (uint32_t i = 0; i < dimensions->count; i++)
        gt_page_print("%s = %lld, ", dimensions->list[i].name, (long long)dimensions->list[i].size);
}

void gt_json_dimensions(const gt_dimensions *dimensions, gt_json *json)
{
    for (uint32_t i = 0; i < dimensions->count; i++)
        gt_json_integer(json, dimensions->list[i].name, dimensions->list[i].size);
}
