/* What a tape does with the scans that it owns. */
#include "graph/scan.h"

#include "base/memory.h"

void gt_scan_free(gt_scan *scan)
{
    if (scan == NULL)
        return;
    gt_tape_free(scan->body);
    gt_memory_free(scan->carries);
    gt_memory_free(scan->inputs);
    gt_memory_free(scan->invariants);
    gt_memory_free(scan->parts);
    gt_memory_free(scan->stacks.of);
    gt_memory_free(scan->finals.of);
    gt_intern_free_constants(&scan->inside_of);
    gt_memory_free(scan);
}

size_t gt_scan_bytes(const gt_scan *scan)
{
    return sizeof *scan + gt_tape_total_bytes(scan->body) + scan->carry_count * sizeof *scan->carries +
           (scan->input_count + scan->invariant_count) * sizeof *scan->inputs +
           (scan->part_count + scan->stacks.count + scan->finals.count) * sizeof *scan->parts;
}

static const gt_scan_link *find_link(const gt_scan_link *links, size_t count, uint32_t inside)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (links[middle].inside < inside)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && links[low].inside == inside ? &links[low] : NULL;
}

const gt_scan_link *gt_scan_find_input(const gt_scan *scan, uint32_t inside)
{
    return find_link(scan->inputs, scan->input_count, inside);
}

const gt_scan_link *gt_scan_find_invariant(const gt_scan *scan, uint32_t inside)
{
    return find_link(scan->invariants, scan->invariant_count, inside);
}

gt_scan_carry_link *gt_scan_find_carry(const gt_scan *scan, uint32_t before)
{
    size_t low = 0, high = scan->carry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scan->carries[middle].before < before)
            low = middle + 1;
        else
            high = middle;
    }
    return low < scan->carry_count && scan->carries[low].before == before ? &scan->carries[low] : NULL;
}
