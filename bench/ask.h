/* Asking the verifier about a text as a person would, and doing what it says. */
#ifndef BENCH_ASK_H
#define BENCH_ASK_H

#include "cell_text.h"

#include <gradtape.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the verifier said. */
typedef struct verdict {
    bool refused, wrong;
    uint32_t line;
    char name[80];
    char kind[80], said[400], repaired[400]; /* of the diagnosis */
} verdict;

/* At small sizes that are all different. */
verdict ask(const char *text, size_t size, uint32_t seed);

/*
 * Puts the repaired formula in the place of the one that the finding is about, into `repaired`, of
 * LARGEST_TEXT characters. Returns whether there was one.
 */
bool follow(const char *text, const verdict *v, char *repaired);

/*
 * Does what the verifier says, at most `rounds` times, until it says "right". Returns how often, or
 * -1 if it never did.
 */
int follow_until_right(const char *text, uint32_t seed, int rounds);

/* A repair that nobody would write: a constant of rounding, an odd power, something that is 0. */
bool is_absurd(const char *repaired, const char *original);

#endif
