" buildd for vim-lsp, for every filetype. In your vimrc: source …/buildd.vim

function! s:Root() abort
  return lsp#utils#find_nearest_parent_file_directory(lsp#utils#get_buffer_path(), 'buildd.toml')
endfunction

augroup buildd
  autocmd!
  " Without a command nothing is started.
  autocmd User lsp_setup call lsp#register_server({
    \ 'name': 'buildd',
    \ 'cmd': {_ -> empty(s:Root()) ? [] : ['buildd', 'lsp']},
    \ 'root_uri': {_ -> lsp#utils#path_to_uri(s:Root())},
    \ 'allowlist': ['*'],
    \})
augroup END
