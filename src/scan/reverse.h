/* The reverse rule of a scan: a scan that runs the other way over the reverse replay of its body. */
#ifndef GT_SCAN_REVERSE_H
#define GT_SCAN_REVERSE_H

#include "gradtape/op.h"

/*
 * Called for slot 0 only, this records the whole reverse scan and gives every
 * needed input its contribution.
 */
gt_reverse_rule gt_scan_reverse;

#endif
