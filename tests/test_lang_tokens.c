/* Letters, numbers, symbols and strings, and those of other languages and of papers. */
#include "lang_rows.h"

Test(lang_tokens, tokens)
{
    static const row rows[] = {
        {"q = zz_{t}", "5:7: zz_{t}: a name has no subscript; a name stands for its value at the step: write zz; what "
                       "is needed at the next step is a state"},
        {"q = np.dot(1e300 * h, W)", "5:7: there is no function dot; write (1e300 * h) @ W"},
        {"q = 2E3 * h", ""},
        {"q = h\t \t", ""},
        {"q = h_{t-1}",
         "5:7: h_{t-1}: a name has no subscript; h is the state before the step, and h' the one after it"},
        {"q = h_{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}", "5:7: a name has at most 48 letters"},
        {"q = h_{", "5:9: there are no braces in a cell; expressions have parentheses ( ), sizes have brackets [ ]"},
        {"q = \"h\"", "5:7: there are no strings in a cell; a comment begins with #"},
        {"q = \"\"\"h\n h\"\"\"", "5:7: there are no strings in a cell; a comment begins with #"},
        {"q = \"h", "5:7: there are no strings in a cell; a comment begins with #"},
        {"q = '''h\n  r = h", "5:7: there are no strings in a cell; a comment begins with #"},
        {"q = 'h'", "5:7: there are no strings in a cell; a comment begins with #"},
        {"\"\"\"says\n  what\"\"\"\n  q = h", "5:3: there are no strings in a cell; a comment begins with #"},
        {"\"\"\"says", "5:3: there are no strings in a cell; a comment begins with #"},
        {"q = h; r = h", "5:8: one statement per line, without ;"},
        {"q = h + \\\n  h", "5:11: a line goes on while a bracket is open; no \\ is needed; put the expression in "
                            "parentheses, without the \\"},
        {"q = $h$", "5:7: there is no $ in a cell; formulas are written as NumPy has them"},
        {"q = h # a\n", ""},
        {"q = h^2", "5:8: a power is written **, as in x**2"},
        {"q = W^T @ h", "5:8: the transpose is not written ^T; write W.T"},
        {"q = W^-1 @ h",
         "5:8: a power is written **, as in x**2; u**-1 is 1 / u, element by element; a matrix has no inverse here"},
        {"q = h && x", "5:9: there is no && in a cell; a product of masks is 1 where both hold: (u > 0) * (v > 0)"},
        {"q = !h", "5:7: there is no ! in a cell; 1 - mask is 1 where the mask is 0"},
        {"q = h % 2", ""},
        {"q = h // 2",
         "5:9: there is no // in a cell; a comment begins with #; a quotient is rounded down by floor(u / v)"},
        {"q := h", "5:5: an equation is written with =; write = in place of :="},
        {"q += h", "5:5: a name is assigned once; there is no +=; give the result another name: q_2 = q + ..."},
        {"q++", "5:4: a name is assigned once; there is no ++; give the result another name: q_2 = q + 1"},
        {"q = 1e999 * h", "5:7: the number is too large"},
        {"q = 1.2.3 * h", "5:7: this is no number; numbers are written 12, 0.5 or 1e-3"},
        {"q = 2h", "5:7: a name cannot begin with a digit, and a product needs its *; write 2 * h"},
        {"q = 1.2.3.4e5 * h", "5:7: this is no number; numbers are written 12, 0.5 or 1e-3"},
        {"'''says\n  what'''\n  q = h", "5:3: there are no strings in a cell; a comment begins with #"},
        {"q = 3.T * h + h.T.T", ""},
        {"q = 0x1F * h", "5:7: this is no number; numbers are written 12, 0.5 or 1e-3"},
        {"q = .5 * h", ""},
        {"q = h + \\\t\n  h", "5:11: a line goes on while a bracket is open; no \\ is needed; put the expression in "
                              "parentheses, without the \\"},
        {"q = 2hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh",
         "5:7: this is no number; numbers are written 12, 0.5 or 1e-3"},
        {"; q = h", "5:3: one statement per line, without ;"},
        {"q = _{t}", "5:7: _{t}: a name has no subscript"},
    };
    expect_equations(rows, COUNT(rows));
}

Test(lang_tokens, characters)
{
    static const row rows[] = {
        {"q = h\302\255\302\255+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = \302\255h’ + h", "5:7: an invisible character; delete it and write the line anew"},
        {"q = h\342\200\203+ x", "5:7: add: h is (n_a, m) = (5, m) but x is (n_x, m) = (3, m)"},
        {"q = h\341\232\200+ h", ""},
        {"q = h\342\200\257+ h", ""},
        {"q = h\342\201\237+ h", ""},
        {"q = h\302\255+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\342\200\217+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\342\200\252+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\342\201\246+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\342\200\215+ h", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h\330\234", "5:8: an invisible character; delete it and write the line anew"},
        {"q = h − h", "5:9: − (U+2212) is a typographic minus; write -"},
        {"q = W × h",
         "5:9: × (U+00D7) is a multiplication sign; write * element by element, and @ for the product of matrices"},
        {"q = h ∘ h", "5:9: ∘ (U+2218) is the product element by element; write *"},
        {"q = h · h",
         "5:9: · (U+00B7) is a multiplication dot; write * element by element, and @ for the product of matrices"},
        {"q = α * h", "5:7: α: a name has the letters from a to z, digits and _; write alpha"},
        {"q = h ≤ 0", "5:9: ≤ (U+2264) is a comparison; write <="},
        {"q = √h", "5:7: √ (U+221A) is a root; write sqrt(u)"},
        {"q = h²", "5:8: ² (U+00B2) is a superscript; a power is written **, as in h**2"},
        {"q = h′", "5:8: ′ (U+2032) is a typographic prime; write the prime of the keyboard, as in h'"},
        {"q = h’ + h’",
         "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h' (’ is there 2 times)"},
        {"q = h – h", "5:9: – (U+2013) is a dash; write -"},
        {"q = “h”", "5:7: “ (U+201C) is a quotation mark; there are no strings in a cell; a comment begins with #"},
        {"q = h ＋ h", "5:9: ＋ (U+FF0B) is a full-width +; write +"},
        {"q = 🙂", "5:7: 🙂: a name has the letters from a to z, digits and _"},
        {"q = \377 h", "5:1: this line is not UTF-8"},
        {"q = \001h", "5:7: a control character; delete it"},
        {"q = h\013+ h", "5:8: a control character; delete it"},
        {"\014  q = h", ""},
        {"q = \177", "5:7: a control character; delete it"},
        {"q = h’ # and h’", "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h'"},
        {"q = h’ − h", "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h'"},
        {"q = h’ − h’ × h",
         "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h' (’ is there 2 times)"},
        {"q = h’‘", "5:8: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h'"},
        {"q = αβγδεζηθικλμνξ", "5:7: αβγδεζηθικλμνξ: a name has the letters from a to z, digits and _"},
    };
    expect_equations(rows, COUNT(rows));
    static const row cells[] = {
        {"cell c\r input x[n]\r state h[n]\r q = h’ # h’\r h' = h + x’\r",
         "4:7: ’ (U+2019) is a typographic apostrophe; write the prime of the keyboard, as in h' (’ is there 2 times)"},
    };
    expect_cells(cells, COUNT(cells));
}
