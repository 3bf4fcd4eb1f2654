#include <gradtape.h>
#include <stdio.h>

int main(void)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var W = gt_parameter(tape, "W", GT_SHAPE(2, 3));
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 1));
    gt_var y = gt_sum(gt_tanh(gt_matmul(W, x)), GT_ALL_AXES);
    gt_var dW;
    gt_grad(&y, NULL, 1, &W, 1, &dW); /* recorded on the same tape */

    gt_interpreter *run = gt_interpreter_new(tape);
    gt_interpreter_bind(run, W, (double[]){1, 2, 3, 4, 5, 6}); /* column-major */
    gt_interpreter_bind(run, x, (double[]){0.1, 0.2, 0.3});
    if (gt_interpreter_evaluate(run, &dW, 1) != GT_OK)
        return fprintf(stderr, "%s\n", gt_interpreter_message(run)), 1;
    const double *d = gt_interpreter_value(run, dW);
    printf("%g %g %g\n%g %g %g\n", d[0], d[2], d[4], d[1], d[3], d[5]);
    gt_interpreter_free(run);
    gt_tape_free(tape);
    return 0;
}
