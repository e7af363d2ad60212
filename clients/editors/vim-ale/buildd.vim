" buildd as a linter of ALE, for every filetype. In your vimrc: source …/buildd.vim
"
" In a project with a buildd.toml, buildd alone need tell what does not compile:
"   let g:ale_linters = {'c': ['buildd'], 'cpp': ['buildd', 'clangd']}

function! s:Root(buffer) abort
  " ALE starts nothing where there is no root.
  let l:file = ale#path#FindNearestFile(a:buffer, 'buildd.toml')
  return empty(l:file) ? '' : fnamemodify(l:file, ':h')
endfunction

let s:defined = {}

function! s:Define(filetype) abort
  if has_key(s:defined, a:filetype)
    return
  endif
  let s:defined[a:filetype] = 1
  call ale#linter#Define(a:filetype, {
    \ 'name': 'buildd',
    \ 'lsp': 'stdio',
    \ 'executable': 'buildd',
    \ 'command': '%e lsp',
    \ 'project_root': function('s:Root'),
    \})
endfunction

augroup buildd
  autocmd!
  autocmd FileType * call s:Define(expand('<amatch>'))
augroup END
