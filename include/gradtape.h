/*
 * gradtape.h: all of gradtape.
 *
 * A reverse-mode automatic differentiation engine for recurrent networks.
 * The derivative of y = sum(tanh(W x)) with respect to W:
 *
 *     gt_tape *t = gt_tape_new(NULL);
 *     gt_var W = gt_parameter(t, "W", GT_SHAPE(2, 3));
 *     gt_var x = gt_input(t, "x", GT_SHAPE(3, 1));
 *     gt_var y = gt_sum(gt_tanh(gt_matmul(W, x)), GT_ALL_AXES);
 *     gt_var dW;
 *     gt_grad(&y, NULL, 1, &W, 1, &dW);            // recorded on the same tape
 *
 *     gt_interpreter *run = gt_interpreter_new(t);
 *     gt_interpreter_bind(run, W, (double[]){1, 2, 3, 4, 5, 6});
 *     gt_interpreter_bind(run, x, (double[]){0.1, 0.2, 0.3});
 *     if (gt_interpreter_evaluate(run, &dW, 1) != GT_OK)
 *         puts(gt_interpreter_message(run));       // also reports an error of the tape
 *     const double *value = gt_interpreter_value(run, dW); // 6 numbers, column-major
 *     gt_interpreter_free(run);
 *     gt_tape_free(t);
 *
 * For most: tape.h (recording and its errors), ops.h (the operations), grad.h
 * (derivatives), scan.h (loops over time), interpreter.h (running a tape), plan.h
 * (a fast program for it); cell.h (recurrent cells), lang.h (cells as text), zoo.h (cells from
 * the literature), problem.h (a cell with numbers), network.h (layers of cells), parameters.h,
 * optimizer.h, train.h (training on any data); check.h (gradients verified) and report.h (verdicts); flow.h (where
 * gradients go); graph.h (pictures), stepper.h (pages to step through); archive.h (.npz files), safetensors.h,
 * convert.h (weights of other frameworks), onnx.h, random.h, threads.h.
 *
 * For tools, and likelier to change: op.h (the descriptor of an op, for ops of your own),
 * handwritten.h (formulas of your own to be verified), diagnose.h (likely mistakes), quiz.h
 * (questions with wrong answers), dimensions.h (what the names in a cell's tables are worth), file.h
 * (files replaced as a whole), nearest.h (suggestions for misspelt names).
 */
#ifndef GRADTAPE_H
#define GRADTAPE_H

#include "gradtape/archive.h"
#include "gradtape/base.h"
#include "gradtape/cell.h"
#include "gradtape/check.h"
#include "gradtape/convert.h"
#include "gradtape/data.h"
#include "gradtape/derive.h"
#include "gradtape/diagnose.h"
#include "gradtape/dimensions.h"
#include "gradtape/file.h"
#include "gradtape/flow.h"
#include "gradtape/grad.h"
#include "gradtape/graph.h"
#include "gradtape/handwritten.h"
#include "gradtape/interpreter.h"
#include "gradtape/lang.h"
#include "gradtape/nearest.h"
#include "gradtape/network.h"
#include "gradtape/onnx.h"
#include "gradtape/op.h"
#include "gradtape/ops.h"
#include "gradtape/optimizer.h"
#include "gradtape/parameters.h"
#include "gradtape/plan.h"
#include "gradtape/problem.h"
#include "gradtape/quiz.h"
#include "gradtape/random.h"
#include "gradtape/report.h"
#include "gradtape/safetensors.h"
#include "gradtape/scan.h"
#include "gradtape/stepper.h"
#include "gradtape/tape.h"
#include "gradtape/threads.h"
#include "gradtape/train.h"
#include "gradtape/zoo.h"

#endif
