/*
 * Checks of an op's derivatives. Each records the op on a fresh tape at inputs
 * drawn from its domain, and returns whether all is well; if not, `why` says
 * what is not. They do not end the test: the checker itself is tested with
 * wrong rules, which must fail here.
 */
#ifndef TESTS_SUPPORT_OP_CHECK_H
#define TESTS_SUPPORT_OP_CHECK_H

#include "support/op_cases.h"

enum { WHY_SIZE = 1024 };

typedef bool op_check(const op_case *c, uint32_t seed, char why[WHY_SIZE]);

/* Every entry of the Jacobian, by unit cotangents, against numeric derivatives. */
op_check check_jacobian;
/* The gradient of u . y for a random u, by every entry of the inputs. */
op_check check_gradient;
/* A cotangent of zeros gives zeros. */
op_check check_zero_cotangent;
/* The gradient's own gradient, by the inputs and the cotangent: its whole Jacobian. */
op_check check_second_jacobian;
/* The same two along random directions: for larger arrays. */
op_check check_projection;
op_check check_second_projection;
/* Values and gradients in f32 against f64. */
op_check check_f32;
/* Forward derivatives against reverse ones and numeric ones. */
op_check check_forward;

#endif
