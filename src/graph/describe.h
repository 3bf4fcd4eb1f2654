/* Vars in words, for messages: "'Wf' (5, 8)" or "tanh (5, 10) in step 3". */
#ifndef GT_GRAPH_DESCRIBE_H
#define GT_GRAPH_DESCRIBE_H

#include "gradtape/tape.h"

#define GT_DESCRIPTION_SIZE 192

/* Writes the description, cut to fit; returns text. */
char *gt_var_describe(gt_var v, char text[GT_DESCRIPTION_SIZE]);

#endif
