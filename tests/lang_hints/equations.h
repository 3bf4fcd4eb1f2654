/* What an equation begins with, primes, comments. A table: one line for each; see ../test_lang_hints.c. */
/* clang-format off */
OWN("  h` = tanh(W @ z + b)", 6, 4, "a ` is no prime",
     "write the prime of the keyboard, as in h'")
OWN("  h\" = tanh(W @ z + b)", 6, 4, "there are no strings in a cell",
     "a comment begins with #")
OWN("  h^t = h", 6, 4, "a power is written **, as in x**2",
     NULL)
LINE("  self.q = h", 6, 3, "a name has no point",
     "write q = ...")
LINE("  q := h", 6, 5, "an equation is written with =",
     "write = in place of :=")
LINE("  q <- h", 6, 5, "an equation is written with =",
     "write q = ...")
LINE("  q == h", 6, 5, "an equation is written with =",
     "write q = ...")
LINE("  // comment", 6, 3, "there is no // in a cell",
     "a comment begins with #; a quotient is rounded down by floor(u / v)")
LINE("  /* comment */", 6, 3, "there is no /* in a cell",
     "a comment begins with #")
LINE("  % comment", 6, 3, "there is no % in a cell",
     "a comment begins with #; a remainder is written u % v")
LINE("  \"\"\"doc\"\"\"", 6, 3, "there are no strings in a cell",
     "a comment begins with #")
LINE("  'doc'", 6, 3, "there are no strings in a cell",
     "a comment begins with #")
LINE("  \"doc\"", 6, 3, "there are no strings in a cell",
     "a comment begins with #")
LINE("  a' = h", 6, 3, "a is no state, so it has no next value",
     "declare it, state a[n], or leave the prime out")
LINE("  q' = h", 6, 3, "q is no state, so it has no next value",
     "declare it, state q[n], or leave the prime out")
LINE("  x' = x", 6, 3, "x is no state, so it has no next value",
     "x is an input; another value needs another name")
LINE("  W' = W", 6, 3, "W is no state, so it has no next value",
     "W is a parameter; another value needs another name")
LINE("  b' = b", 6, 3, "b is no state, so it has no next value",
     "b is a parameter; another value needs another name")
OWN("  h = tanh(W @ z + b)", 6, 3, "h is a state and cannot be assigned",
     "its next value is h': write h' = ...")
OWN("  h' = tanh(W @ z + b)\n  h' = h", 7, 3, "h' is assigned twice, first in line 6",
     "give one of them another name")
OWN("  h'' = h", 6, 5, "a name has one prime",
     "h is the state before the step, and h' the one after it")
OWN("  h ' = tanh(h)", 6, 5, "a prime belongs directly behind the name of a state",
     NULL)
LINE("  q", 6, 4, "expected = behind the name, not the end of the line",
     NULL)
LINE("  q h", 6, 5, "expected = behind the name, not 'h'",
     "an equation is written q = ...")
LINE("  q =", 6, 6, "expected an expression, not the end of the line",
     "a line goes on only while a bracket is open: ( ... )")
LINE("  = h", 6, 3, "expected a statement, not '='",
     "a name stands before the =, and an expression behind it")
LINE("  q, p = h, h", 6, 4, "an equation gives one name its value",
     "write q = ..., and the next name in a line of its own")
LINE("  (q) = h", 6, 3, "expected a statement, not '('",
     "an equation begins with the name of its one value: name = ...")
LINE("  q += h", 6, 5, "a name is assigned once; there is no +=",
     "give the result another name: q_2 = q + ...")
LINE("  q[0] = h", 6, 4, "a part of an array cannot be assigned; concat joins parts",
     NULL)
