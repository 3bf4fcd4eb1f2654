/* What the examples in the public headers take from their surroundings. */
extern const gt_op softsign;
extern gt_tape *t, *tape;
extern gt_error error;
extern gt_var a, dW, x, W, a0, xs, y, dx, dy, loss, *outputs, gradient_vars[];
extern uint32_t count;
extern int64_t m, T, steps;
extern double x_data[], dy_data[], values[], errors[], mine[];
extern const void *gradients[];
extern gt_interpreter *run;
extern gt_plan *plan;
extern gt_parameters *set;
extern gt_network network;
extern gt_report report;
extern gt_parsed_cell *parsed;
extern gt_check_problem problem;
extern gt_numeric_function f;
