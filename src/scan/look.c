/* Looking at a scan through the public interface. */
#include "graph/scan.h"

gt_scan *gt_var_scan(gt_var v)
{
    if (!gt_var_valid(v))
        return NULL;
    if (gt_var_op(v)->op_class == GT_CLASS_PART)
        v = gt_var_input(v, 0);
    if (gt_var_op(v)->op_class != GT_CLASS_SCAN)
        return NULL;
    return gt_node_scan(v.tape, gt_tape_node(v.tape, v.index));
}

int64_t gt_scan_steps(const gt_scan *scan)
{
    return scan == NULL ? 0 : scan->steps;
}

gt_direction gt_scan_direction(const gt_scan *scan)
{
    return scan == NULL ? GT_FORWARD : scan->direction;
}

uint32_t gt_scan_carry_count(const gt_scan *scan)
{
    return scan == NULL ? 0 : (uint32_t)scan->carry_count;
}

uint32_t gt_scan_input_count(const gt_scan *scan)
{
    return scan == NULL ? 0 : (uint32_t)scan->input_count;
}

uint32_t gt_scan_invariant_count(const gt_scan *scan)
{
    return scan == NULL ? 0 : (uint32_t)scan->invariant_count;
}

gt_var gt_scan_carry_before(const gt_scan *scan, uint32_t k)
{
    return k < gt_scan_carry_count(scan) ? gt_tape_at(scan->body, scan->carries[k].before) : GT_NONE;
}

gt_var gt_scan_carry_after(const gt_scan *scan, uint32_t k)
{
    return k < gt_scan_carry_count(scan) ? gt_tape_at(scan->body, scan->carries[k].after) : GT_NONE;
}

gt_var gt_scan_carry_initial(const gt_scan *scan, uint32_t k)
{
    return k < gt_scan_carry_count(scan) ? gt_tape_at(scan->outer, scan->carries[k].initial) : GT_NONE;
}

gt_var gt_scan_input_slice(const gt_scan *scan, uint32_t k)
{
    return k < gt_scan_input_count(scan) ? gt_tape_at(scan->body, scan->inputs[k].inside) : GT_NONE;
}

gt_var gt_scan_input_sequence(const gt_scan *scan, uint32_t k)
{
    return k < gt_scan_input_count(scan) ? gt_tape_at(scan->outer, scan->inputs[k].outside) : GT_NONE;
}

gt_var gt_scan_invariant_inside(const gt_scan *scan, uint32_t k)
{
    return k < gt_scan_invariant_count(scan) ? gt_tape_at(scan->body, scan->invariants[k].inside) : GT_NONE;
}

gt_var gt_scan_invariant_outside(const gt_scan *scan, uint32_t k)
{
    return k < gt_scan_invariant_count(scan) ? gt_tape_at(scan->outer, scan->invariants[k].outside) : GT_NONE;
}
