/* Slices, and the index of time that a cell has not. A table: one line for each; see ../test_lang_hints.c. */
/* clang-format off */
LINE("  q = h[::2]", 6, 10, "a slice has no step",
     "parts are contiguous: W[i:j]; what is taken by steps is a product with a mask, or an input")
LINE("  q = h[-1]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "the last row alone is h[-1:]")
LINE("  q = h[0]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "row 0 alone is h[0:1]")
LINE("  q = h[0, :]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "row 0 alone is h[0:1]")
LINE("  q = h[:, 0]", 6, 12, "a slice needs its colon: an axis is never dropped",
     "column 0 alone is h[:, 0:1]")
LINE("  q = h[:, -1]", 6, 12, "a slice needs its colon: an axis is never dropped",
     "the last column alone is h[:, -1:]")
LINE("  q = h[i]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "row i alone is h[i:i + 1]")
LINE("  q = h[0, 0]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "row 0 alone is h[0:1]")
LINE("  q = h[...]", 6, 9, "there is no ... in a cell",
     "everything is a matrix: parts are W[i:j, k:l]")
LINE("  q = h[None, :]", 6, 9, "a slice needs its colon: an axis is never dropped",
     "nor added: everything is a matrix")
LINE("  q = h[1:n_a:2]", 6, 14, "a slice has no step",
     "parts are contiguous: W[i:j]; what is taken by steps is a product with a mask, or an input")
LINE("  q = h[:, :, 0]", 6, 15, "a slice has at most two axes",
     "everything is a matrix: rows are features, columns are examples")
LINE("  q = h_t", 6, 7, "there is no name h_t",
     "h is the state before the step, and h' the one after it")
LINE("  q = h_{t-1}", 6, 7, "h_{t-1}: a name has no subscript",
     "h is the state before the step, and h' the one after it")
LINE("  q = h[t-1]", 6, 9, "a cell is one time step: there is no index of time",
     "h is the state before the step, and h' the one after it")
LINE("  q = h[t]", 6, 9, "a cell is one time step: there is no index of time",
     "h is the state before the step, and h' the one after it")
LINE("  q = V @ x_t", 6, 11, "there is no name x_t",
     "x is the input of the step")
LINE("  q = V @ xt", 6, 11, "there is no name xt",
     "x is the input of the step")
LINE("  q = U @ h_prev", 6, 11, "there is no name h_prev",
     "h is the state before the step, and h' the one after it")
LINE("  q = x[t]", 6, 9, "a cell is one time step: there is no index of time",
     "x is the input of the step")
