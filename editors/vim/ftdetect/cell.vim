" Recurrent cells in gradtape's language.
autocmd BufNewFile,BufRead *.cell setfiletype cell
