/* Planned programs against the interpreter on the tape itself. */
#ifndef TESTS_SUPPORT_PLAN_CHECK_H
#define TESTS_SUPPORT_PLAN_CHECK_H

#include "support/random_tape.h"

/*
 * Records the tape of the options in both types and compares, in each, the
 * interpreter on the tape with the interpreter on the program after every prefix
 * of the passes, and with plans of all passes, of some and of none, each run
 * twice. A failure is shrunk, printed to stderr and ends the test.
 */
void plan_check(const random_options *options);

#endif
