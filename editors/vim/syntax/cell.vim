" Vim syntax file: recurrent cells in gradtape's language (*.cell). The words are those of
" src/lang/functions.c and parse_statement.c; tests/test_editors.c compares them.
if exists('b:current_syntax')
    finish
endif

syntax keyword cellKeyword cell input state param output backward
syntax match cellKeyword /^\s*\(hidden\|loss\)\ze\s\+\h\w*\s*=/
syntax match cellKeyword /^\s*const\ze\s\+\h/
syntax keyword cellFunction concat tanh sigmoid softmax relu softplus gelu exp log sqrt abs sin cos maximum minimum sum mean cumsum layernorm outer reshape stop_gradient where arange floor
syntax keyword cellComposition silu elu leaky_relu hardsigmoid logsigmoid sign round mod norm rmsnorm straight dropout
syntax match cellKeyword /^\s*def\ze\s\+\h/
syntax match cellKeyword /^\s*repeat\ze[^=]*:\s*\(#.*\)\?$/
syntax match cellKeyword /^\s*for\ze\s\+\h\w*\s\+in\>/
syntax match cellKeyword /\(^\s*for\s\+\h\w*\s\+\)\@<=in\>/
syntax keyword cellInitializer glorot orthogonal identity hippo normal uniform bernoulli pi
syntax match cellTranspose /\.T\>/
syntax match cellNext /\<\h\w*'/
syntax match cellNumber /\<\d\+\(\.\d*\)\?\([eE][-+]\?\d\+\)\?/
syntax match cellNumber /\.\d\+\([eE][-+]\?\d\+\)\?/
syntax match cellOperator /[-+*@/=~<>!]/
syntax match cellArgument /\<axis\ze\s*=/
syntax match cellComment /#.*$/ contains=@Spell

highlight default link cellKeyword Keyword
highlight default link cellFunction Function
highlight default link cellComposition Function
highlight default link cellInitializer Constant
highlight default link cellArgument Identifier
highlight default link cellTranspose Special
highlight default link cellNext Identifier
highlight default link cellNumber Number
highlight default link cellOperator Operator
highlight default link cellComment Comment

let b:current_syntax = 'cell'
