/* How many threads the products of OpenBLAS use, which the interpreter calls; planned programs have their own. */
#ifndef GT_CLI_THREADS_H
#define GT_CLI_THREADS_H

/*
 * One, unless the variable OPENBLAS_NUM_THREADS says otherwise: the products of
 * recurrent networks are too small for OpenBLAS's threads to pay, and its
 * default, one for each core, makes a busy machine wait.
 */
void gt_threads_choose(void);

#endif
