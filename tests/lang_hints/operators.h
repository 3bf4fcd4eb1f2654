/* Operators, brackets and numbers. A table: one line for each; see ../test_lang_hints.c. */
/* clang-format off */
LINE("  q = h.shape", 6, 7, "only .T, the transpose, can follow a point",
     "sizes are the dimensions of the declarations, such as n_a; m is the number of examples")
LINE("  q = W * z", 6, 7, "multiply: W is (n_a, n_a+n_x) = (5, 8) but z is (n_a+n_x, m) = (8, m)",
     "the product of matrices is written @: W @ z")
LINE("  q = W * x", 6, 7, "multiply: W is (n_a, n_a+n_x) = (5, 8) but x is (n_x, m) = (3, m)",
     "the product of matrices is written @; for these it does not fit either")
LINE("  q = U * h", 6, 7, "multiply: U is (n_a, n_a) = (5, 5) but h is (n_a, m) = (5, m)",
     "the product of matrices is written @: U @ h")
LINE("  q = W z", 6, 9, "expected an operator or the end of the line, not 'z'",
     "the product of a matrix is written W @ z")
LINE("  q = W x + b", 6, 9, "expected an operator or the end of the line, not 'x'",
     "the product of a matrix is written W @ x")
LINE("  q = 2 h", 6, 9, "expected an operator or the end of the line, not 'h'",
     "a product needs its *: 2 * h")
LINE("  q = 2h", 6, 7, "a name cannot begin with a digit, and a product needs its *",
     "write 2 * h")
LINE("  q = h @ 2", 6, 7, "matmul: an operand is a number, not a matrix",
     "a product with a number is written *: h * 2")
LINE("  q = h @ h", 6, 7, "matmul: h is (n_a, m) = (5, m) but h is (n_a, m) = (5, m)",
     "element by element it is h * h")
LINE("  q = b @ h", 6, 7, "matmul: b is (n_a, 1) = (5, 1) but h is (n_a, m) = (5, m)",
     "element by element it is b * h")
LINE("  q = h @ U", 6, 7, "matmul: h is (n_a, m) = (5, m) but U is (n_a, n_a) = (5, 5)",
     "the matrix stands on the left: U @ h")
LINE("  q = x @ V", 6, 7, "matmul: x is (n_x, m) = (3, m) but V is (n_a, n_x) = (5, 3)",
     "the matrix stands on the left: V @ x")
LINE("  q = W @ h", 6, 7, "matmul: W is (n_a, n_a+n_x) = (5, 8) but h is (n_a, m) = (5, m)",
     "W.T @ h would fit")
LINE("  q = h // 2", 6, 9, "there is no // in a cell",
     "a comment begins with #; a quotient is rounded down by floor(u / v)")
LINE("  q = h ^ 2", 6, 9, "a power is written **, as in x**2",
     NULL)
LINE("  q = h**b", 6, 10, "the exponent of ** is not a constant",
     "for positive u, u to the power of v is exp(v * log(u))")
LINE("  q = 2**h", 6, 10, "the exponent of ** is not a constant",
     "for positive u, u to the power of v is exp(v * log(u))")
LINE("  q = e**h", 6, 7, "there is no name e",
     "write exp(1)")
LINE("  q = np.pi * h", 6, 7, "names stand alone, without np.",
     "write pi")
LINE("  q = inf", 6, 7, "there is no name inf",
     "numbers are finite: write a large one, such as 1e30")
LINE("  q = True", 6, 7, "there is no name True",
     "write 1")
LINE("  q = None", 6, 7, "there is no name None",
     "leave it out, or write 0")
LINE("  q = h if h > 0 else b", 6, 9, "expected an operator or the end of the line, not 'if'",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  q = h > 0 \? h : b", 6, 13, "there is no \?: in a cell",
     "where(mask, u, v) is u where the mask is not 0, and v elsewhere")
LINE("  q = lambda u: u", 6, 14, "expected an operator or the end of the line, not 'u'",
     "a product needs its operator: lambda * u element by element, or @ for matrices")
LINE("  q = self.W @ z", 6, 7, "names stand alone, without self.",
     "write W")
LINE("  q = = h", 6, 7, "expected an expression, not '='",
     "a name stands before the =, and an expression behind it")
LINE("  q = h;", 6, 8, "one statement per line, without ;",
     NULL)
LINE("  q = h; p = h", 6, 8, "one statement per line, without ;",
     NULL)
LINE("  q = h // comment", 6, 9, "there is no // in a cell",
     "a comment begins with #; a quotient is rounded down by floor(u / v)")
LINE("  q = h -- comment", 6, 12, "there is no name comment",
     NULL)
LINE("  q = h /* c */", 6, 9, "there is no /* in a cell",
     "a comment begins with #")
LINE("  q = h % comment", 6, 11, "there is no name comment",
     NULL)
LINE("  q = h \\\n    + b", 6, 9, "a line goes on while a bracket is open; no \\ is needed",
     "put the expression in parentheses, without the \\")
LINE("  q = h''", 6, 9, "a name has one prime",
     "h is the state before the step, and h' the one after it")
LINE("  q = h ' + b", 6, 9, "a prime belongs directly behind the name of a state",
     NULL)
LINE("  q = W'", 6, 7, "there is no name W'",
     "the transpose is written W.T; only a state has a next value")
LINE("  q = W' @ h", 6, 7, "there is no name W'",
     "the transpose is written W.T; only a state has a next value")
LINE("  q = x'", 6, 7, "there is no name x'",
     "x is an input, and only a state has a next value")
LINE("  q = W^T @ h", 6, 8, "the transpose is not written ^T",
     "write W.T")
LINE("  q = W^T", 6, 8, "the transpose is not written ^T",
     "write W.T")
LINE("  q = W.H", 6, 7, "only .T, the transpose, can follow a point",
     "write W.T")
LINE("  q = (h", 6, 7, "this bracket is never closed",
     NULL)
LINE("  q = h)", 6, 8, "expected an operator or the end of the line, not ')'",
     "this bracket closes none")
LINE("  q = h + ", 6, 11, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
LINE("  q = * h", 6, 7, "expected an expression, not '*'",
     NULL)
LINE("  q = h * / b", 6, 11, "expected an expression, not '/'",
     NULL)
LINE("  q = h b", 6, 9, "expected an operator or the end of the line, not 'b'",
     "a product needs its operator: h * b element by element, or @ for matrices")
LINE("  q = 3(h)", 6, 8, "expected an operator or the end of the line, not '('",
     "a product needs its *: 3 * (...)")
LINE("  q = (h)(b)", 6, 10, "expected an operator or the end of the line, not '('",
     "a product needs its operator: u * (...) element by element, or @ for matrices")
LINE("  q = U h + b", 6, 9, "expected an operator or the end of the line, not 'h'",
     "the product of a matrix is written U @ h")
LINE("  q = -", 6, 8, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
LINE("  q = p = h", 6, 9, "expected an operator or the end of the line, not '='",
     "an equation has one =; to compare, write ==")
LINE("  q = h, b", 6, 8, "expected an operator or the end of the line, not ','",
     "an equation has one value; arrays are joined by concat(u, v)")
LINE("  q = sigmoid", 6, 7, "sigmoid is a function and needs an argument",
     "write sigmoid(u)")
LINE("  q = sigmoid h", 6, 15, "expected an operator or the end of the line, not 'h'",
     "write sigmoid(h)")
LINE("  q = sigmoid[h]", 6, 14, "the argument of sigmoid stands in parentheses ( )",
     "write sigmoid(h)")
LINE("  q = sigmoid{h}", 6, 14, "there are no braces in a cell",
     "expressions have parentheses ( ), sizes have brackets [ ]")
LINE("  q = {h}", 6, 7, "there are no braces in a cell",
     "expressions have parentheses ( ), sizes have brackets [ ]")
LINE("  q = h and b", 6, 9, "expected an operator or the end of the line, not 'and'",
     "a product of masks is 1 where both hold: (u > 0) * (v > 0)")
LINE("  q = h or b", 6, 9, "expected an operator or the end of the line, not 'or'",
     "the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)")
LINE("  q = not h", 6, 11, "expected an operator or the end of the line, not 'h'",
     "a product needs its operator: not * h element by element, or @ for matrices")
LINE("  q = !h", 6, 7, "there is no ! in a cell",
     "1 - mask is 1 where the mask is 0")
LINE("  q = ~h", 6, 7, "expected an expression, not '~'",
     "1 - mask is 1 where the mask is 0")
LINE("  q = h & b", 6, 9, "there is no & in a cell",
     "a product of masks is 1 where both hold: (u > 0) * (v > 0)")
LINE("  q = h | b", 6, 9, "there is no | in a cell",
     "the magnitude is abs(u); the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)")
LINE("  q = |h|", 6, 7, "there is no | in a cell",
     "the magnitude is abs(u); the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)")
LINE("  q = h && b", 6, 9, "there is no && in a cell",
     "a product of masks is 1 where both hold: (u > 0) * (v > 0)")
LINE("  q = h || b", 6, 9, "there is no || in a cell",
     "the greater of two masks is 1 where either holds: maximum(u > 0, v > 0)")
LINE("  q = h < b < 1", 6, 13, "comparisons do not chain",
     "a < b and b < c are two comparisons; their product is 1 where both hold")
LINE("  q = 0 < h < 1", 6, 13, "comparisons do not chain",
     "a < b and b < c are two comparisons; their product is 1 where both hold")
LINE("  q = h => 0", 6, 9, "there is no => in a cell",
     "write >=")
LINE("  q = h =< 0", 6, 9, "there is no =< in a cell",
     "write <=")
LINE("  q = h <> 0", 6, 9, "there is no <> in a cell",
     "write !=")
LINE("  q = h = 0", 6, 9, "expected an operator or the end of the line, not '='",
     "an equation has one =; to compare, write ==")
LINE("  q = $h$", 6, 7, "there is no $ in a cell",
     "formulas are written as NumPy has them")
LINE("  q = \\sigma(h)", 6, 7, "there is no \\ in a cell",
     "formulas are written as NumPy has them: tanh(u), sigmoid(u), u * v, W @ u")
LINE("  q = \\Tanh(h)", 6, 7, "there is no \\ in a cell",
     "formulas are written as NumPy has them: tanh(u), sigmoid(u), u * v, W @ u")
LINE("  q = h @@ b", 6, 9, "there is no @@ in a cell",
     "the product of matrices is @")
LINE("  q = h .* b", 6, 9, "there is no .* in a cell",
     "* is element by element; the product of matrices is @")
LINE("  q = h.*b", 6, 8, "there is no .* in a cell",
     "* is element by element; the product of matrices is @")
LINE("  q = h ./ b", 6, 9, "there is no ./ in a cell",
     "/ is element by element")
LINE("  q = h.^2", 6, 8, "there is no .^ in a cell",
     "a power is written **, as in h**2")
LINE("  q = h *. b", 6, 10, "expected an expression, not '.'",
     NULL)
LINE("  q = tanh(h", 6, 11, "this bracket is never closed",
     NULL)
LINE("  q = tanh h", 6, 12, "expected an operator or the end of the line, not 'h'",
     "write tanh(h)")
LINE("  q = 1e", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 1e-", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 1.2.3", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 0x10", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 1_000", 6, 7, "this is no number",
     "numbers are written 12, 0.5 or 1e-3")
LINE("  q = 1,5", 6, 8, "expected an operator or the end of the line, not ','",
     "an equation has one value; arrays are joined by concat(u, v)")
LINE("  q = 1e400", 6, 7, "the number is too large",
     NULL)
LINE("  q = 5f", 6, 7, "a name cannot begin with a digit, and a product needs its *",
     "write 5 * f")
LINE("  q = 1j", 6, 7, "a name cannot begin with a digit, and a product needs its *",
     "write 1 * j")
LINE("  q = h.t", 6, 7, "only .T, the transpose, can follow a point",
     "write h.T")
LINE("  q = h * ", 6, 11, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
