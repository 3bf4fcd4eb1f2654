/*
 * gradtape/grad.h: reverse and forward derivatives, recorded on the same tape.
 *
 * The reverse replay walks the tape backward from the outputs and records, with
 * each op's reverse rule, the adjoint (cotangent) of every node that lies
 * between the outputs and the vars asked for. The result is an ordinary part
 * of the tape, so it can be differentiated, drawn and run like anything else.
 */
#ifndef GRADTAPE_GRAD_H
#define GRADTAPE_GRAD_H

#include "gradtape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Vector-Jacobian products: gradients[j] = sum over i of J(outputs[i], wrt[j]).T cotangents[i].
 *
 * cotangents[i] has outputs[i]'s shape. cotangents may be NULL, and so may be
 * single ones be GT_NONE: they then are ones, which for a scalar loss gives its
 * gradient. gradients (wrt_count of them) receives vars of the shapes of wrt;
 * where an output does not depend on wrt[j] it is a fill of zeros.
 *
 * wrt may be any vars of the tape, inputs or intermediate. All vars belong to
 * one tape. Returns the tape's status; on an error all gradients are invalid.
 */
GT_API gt_status gt_grad(const gt_var *outputs, const gt_var *cotangents, uint32_t output_count, const gt_var *wrt,
                         uint32_t wrt_count, gt_var *gradients);

/*
 * Jacobian-vector products: output_tangents[i] = sum over j of J(outputs[i], inputs[j]) tangents[j].
 *
 * Exact: the vector-Jacobian product is linear in its cotangent, and its own
 * vector-Jacobian product with respect to that cotangent is the forward
 * derivative. Shapes, ownership and errors as in gt_grad.
 */
GT_API gt_status gt_jvp(const gt_var *outputs, uint32_t output_count, const gt_var *inputs, const gt_var *tangents,
                        uint32_t input_count, gt_var *output_tangents);

#ifdef __cplusplus
}
#endif
#endif
