;;; buildd-lsp-mode.el --- buildd for those who use lsp-mode  -*- lexical-binding: t -*-

;; In your init file: (load "…/buildd-lsp-mode.el").  Wherever you have `lsp' start, it starts
;; buildd too, beside what it starts for the language, in projects with a buildd.toml.

(require 'lsp-mode)

(lsp-register-client
 (make-lsp-client
  :new-connection (lsp-stdio-connection '("buildd" "lsp"))
  :activation-fn (lambda (file _mode) (locate-dominating-file file "buildd.toml"))
  :add-on? t
  :server-id 'buildd))

(provide 'buildd-lsp-mode)
;;; buildd-lsp-mode.el ends here
