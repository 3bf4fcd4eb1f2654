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
    gt_memory_free(scan);
}

size_t gt_scan_bytes(const gt_scan *scan)
{
    return sizeof *scan + gt_tape_total_bytes(scan->body) + scan->carry_count * sizeof *scan->carries +
           (scan->input_count + scan->invariant_count) * sizeof *scan->inputs +
           scan->part_count * sizeof *scan->parts;
}
