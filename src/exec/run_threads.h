/* Running code on several threads. */
#ifndef GT_EXEC_RUN_THREADS_H
#define GT_EXEC_RUN_THREADS_H

#include "base/threads.h"
#include "exec/machine.h"

/* How work is divided between threads. */
typedef struct gt_sharing {
    double least_cost; /* of an instruction that is divided */
    uint32_t
        batch_parts; /* into which loops are divided by their batch: all alike, since one reads what another wrote */
    bool alone;      /* the thread that calls does all parts, one after the other */
} gt_sharing;

/* Of all code of a workspace, the bodies of shared loops included; with a least cost of 0 whatever can be divided is,
 * for all threads. */
gt_sharing gt_sharing_of(const gt_block *block, uint32_t count, double least_cost);

/*
 * A machine for each thread of the pool, alike but for their regions, tables and
 * product memory. Loops with independent pieces (the columns of a batch, heads, rows of a single
 * example) are divided by them, and every thread goes through all steps with its own; loops without a state are divided
 * by steps; other outermost work is divided
 * by columns, or by rows where there are more of them, if it is worth it. Shared loops, which are those over segments,
 * all go through together, one instruction of the body after the other, each divided in the same way. So the
 * result depends on the number of threads alone, and not on what is faster when. On
 * an error the status of some thread that failed; run again on one thread to learn
 * what an error there would be.
 */
gt_status gt_machines_run(gt_machine *machines, gt_threads *threads, const gt_block *block, const gt_sharing *sharing);

/*
 * In nanoseconds of one thread: from which cost on an instruction (`least_cost`) is
 * worth dividing, and code worth waking other threads. To begin and to end a
 * job takes one or two thousand while all are awake, and some fifty thousand to wake
 * one that sleeps.
 */
#define GT_WORTH_DIVIDING 10000.0
#define GT_WORTH_WAKING 60000.0
#define GT_CERTAINLY_WORTH_WAKING 5000000.0 /* between the two it is tried: plan/trial.h */
/*
 * The same of what each thread has to do at a step of a loop that is divided by its batch. What threads write side by
 * side in a step they take from each other, line by line, and below this two are no faster than one:
 * performance-history.md, "One example, and matrix memories". Of a loop that is one function it is less: there is
 * nothing to do at a step but its arithmetic.
 */
#define GT_WORTH_STEPPING 300.0
#define GT_WORTH_FUNCTION 100.0
/* What a line costs at each step that several threads write, such as the means of a few columns. */
#define GT_SHARED_LINE 500.0

/*
 * What stands at `i` of the block: the loop, if a loop with companions begins there (gt_loop.leading), or NULL. Whether
 * it pays to do its companions a part at a time, by all threads, beside the loop, which one of them does; whether they
 * are so much that the others need not wait for it; to do so.
 */
const gt_instruction *gt_companions_find(const gt_block *block, uint32_t i);
bool gt_companions_pay(const gt_instruction *at, const gt_sharing *sharing);
bool gt_companions_hide(const gt_instruction *at, uint32_t count);
gt_status gt_companions_run(gt_machine *machines, gt_threads *threads, const gt_instruction *at,
                            const gt_sharing *sharing);

/* The largest workspace of a product when its code is divided between `count` threads. */
size_t gt_machines_product_bytes(const gt_block *block, uint32_t count, const gt_sharing *sharing);

#endif
