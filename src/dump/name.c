#include "dump/name.h"

#include "base/utf8.h"

#include <string.h>

#define LONGEST_NAME 256 /* bytes shown of a name */

/* Without a prime at the end; cut between characters. */
static int shown_length(const char *name)
{
    size_t length = strlen(name);
    if (length > LONGEST_NAME)
        for (length = LONGEST_NAME; length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80;)
            length--;
    else if (length > 1 && name[length - 1] == '\'')
        length--;
    return (int)length;
}

char *gt_name_at_step(char text[GT_GRAPH_NAME_SIZE], const char *name, int32_t step)
{
    if (name[0] == '\0' || step < 0)
        gt_utf8_format(text, GT_GRAPH_NAME_SIZE, "%.*s", LONGEST_NAME, name);
    else
        gt_utf8_format(text, GT_GRAPH_NAME_SIZE, "%.*s⟨%ld⟩", shown_length(name), name, (long)step + 1);
    return text;
}

char *gt_name_in_loop(char text[GT_GRAPH_NAME_SIZE], const char *name, int offset)
{
    const char *time = offset < 0 ? "t−1" : offset > 0 ? "t+1" : "t";
    if (name[0] == '\0')
        text[0] = '\0';
    else
        gt_utf8_format(text, GT_GRAPH_NAME_SIZE, "%.*s⟨%s⟩", shown_length(name), name, time);
    return text;
}

/* The offset of time of the carried states of a scan before the step. */
static int before(const gt_scan *scan)
{
    return gt_scan_direction(scan) == GT_FORWARD ? -1 : 1;
}

static bool is_carry_before(const gt_scan *scan, gt_var v)
{
    for (uint32_t k = 0; k < gt_scan_carry_count(scan); k++)
        if (gt_scan_carry_before(scan, k).index == v.index)
            return true;
    return false;
}

/* Whether `name` is that of a carried state of the scan before the step. */
static bool names_carry_before(const gt_scan *scan, const char *name)
{
    for (uint32_t k = 0; k < gt_scan_carry_count(scan); k++)
        if (strcmp(gt_var_name(gt_scan_carry_before(scan, k)), name) == 0)
            return true;
    return false;
}

/* What the reverse body is given: "da'" is the adjoint of a' at this step, "da" that of a before it. */
static char *adjoint_name(const gt_collection *c, const gt_collected_tape *tape, const char *name,
                          char text[GT_GRAPH_NAME_SIZE])
{
    const gt_scan *forward = c->tapes[tape->forward].scan;
    bool earlier = name[0] == 'd' && names_carry_before(forward, name + 1);
    return gt_name_in_loop(text, name, earlier ? before(forward) : 0);
}

char *gt_entry_name(const gt_collection *c, const gt_entry *entry, char text[GT_GRAPH_NAME_SIZE])
{
    const gt_collected_tape *tape = &c->tapes[entry->tape];
    const char *name = gt_var_name(entry->var);
    if (c->options->everything || tape->scan == NULL)
        return gt_name_at_step(text, name, c->options->everything ? -1 : entry->step);
    if (tape->forward != GT_GRAPH_NONE && gt_entry_is_leaf(entry))
        return adjoint_name(c, tape, name, text);
    return gt_name_in_loop(text, name, is_carry_before(tape->scan, entry->var) ? before(tape->scan) : 0);
}
