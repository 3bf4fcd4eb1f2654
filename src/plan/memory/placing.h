/* Values while they get their places: what the files of that phase share. places.c alone writes storage. */
#ifndef GT_PLAN_MEMORY_PLACING_H
#define GT_PLAN_MEMORY_PLACING_H

#include "plan/memory/memory.h"

typedef struct gt_placing {
    gt_lowering *lowering;
    const gt_level *level;
    gt_storage *storage;     /* of each node */
    uint8_t *overwritten;    /* of each node: its memory has been given to another value */
    gt_spread **spreads;     /* of each item */
    uint32_t **state_stacks; /* of each scan node, for each state; GT_NO_BUFFER until a stack of it is placed */
    uint32_t *before;     /* of each node of a body that may be divided: the one before it in its buffer (gt_holder) */
    uint32_t *scan_reads; /* of each node: empty between scans */
} gt_placing;

#define GT_NO_BUFFER UINT32_MAX

/* Gives the value a place. False on no memory. */
bool gt_place_value(gt_placing *p, uint32_t index);
/* Gives it this one. */
void gt_place_at(gt_placing *p, uint32_t index, gt_storage storage);

/* ---- what a value may be written over: reuse.c ---- */

/* An operand of the group of which node `index` is a result; 0: none. */
uint32_t gt_reuse_operand(const gt_placing *p, uint32_t index);
/* A sequence that a scan goes through, over whose slots stacks may be written when they have been read. */
typedef struct gt_free_slots {
    uint32_t sequence, inside; /* nodes of the level and of the body */
    size_t bytes, slot_bytes;
} gt_free_slots;
/* All of them. NULL on no memory. */
gt_free_slots *gt_reuse_free_slots(const gt_placing *p, uint32_t scan_node, uint32_t *count);
/* The one of the list over whose slots the stack `part` of a scan may be written; 0: none. */
uint32_t gt_reuse_sequence(const gt_placing *p, uint32_t scan_node, uint32_t part, const gt_free_slots *list,
                           uint32_t count);
/* The wanted stacks of a scan in the order in which they choose a sequence. NULL on no memory. */
uint32_t *gt_reuse_order(const gt_placing *p, uint32_t scan_node, uint32_t *count);

/* reuse_results.c: places products in slots for which something else is meant later. False on no memory. */
bool gt_reuse_results(gt_placing *p);

#endif
