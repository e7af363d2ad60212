;;; buildd.el --- Builds in the container, diagnostics in the buffer  -*- lexical-binding: t -*-

;; For Emacs 29 or later, whose Eglot it uses.  In your init file: (load "…/buildd.el").
;;
;; Diagnostics are Flymake's, fixes are `eglot-code-actions', progress is in the echo area.
;; `buildd-command' builds, tests, cancels and so on.

(require 'eglot)
(require 'project)

(defvar buildd-program '("buildd" "lsp")
  "The language server: a program and its arguments.")

(defvar buildd-beside nil
  "Other language servers to start beside it, by major mode, as in
\((c-mode \"clangd\") (python-mode \"ruff\" \"server\")).  Eglot talks to one server
in a buffer; the program \"rass\", which PyPI has as rassumfrassum, makes one of
the two.")

(defun buildd-ensure ()
  "Have Eglot manage this buffer with buildd, if a buildd.toml is above its file."
  (when (and buffer-file-name (locate-dominating-file buffer-file-name "buildd.toml"))
    (setq-local eglot-server-programs (list (buildd--server)))
    (eglot-ensure)))

(defun buildd-project (directory)
  "The project at or above DIRECTORY, where nothing else tells of one."
  (when-let* ((root (locate-dominating-file directory "buildd.toml")))
    (cons 'transient root)))

(defun buildd-command (command &rest arguments)
  "Have this buffer's server execute COMMAND with ARGUMENTS, which are strings.
With a prefix argument, ask for them too.  Editing goes on meanwhile."
  (interactive
   (cons (completing-read
          "Command: "
          (append (eglot-server-capable :executeCommandProvider :commands) nil))
         (and current-prefix-arg (split-string-and-unquote (read-string "Arguments: ")))))
  (jsonrpc-async-request
   (or (eglot-current-server) (user-error "No server manages this buffer"))
   :workspace/executeCommand `(:command ,command :arguments ,(vconcat arguments))
   :success-fn (lambda (result) (message "%s: %s" command (buildd--outcome result)))
   :error-fn (lambda (failure) (message "%s: %s" command (plist-get failure :message)))
   ;; A build takes its time.
   :timeout most-positive-fixnum))

(defun buildd--server ()
  "What `eglot-server-programs' is to hold for this buffer."
  (if-let* ((other (alist-get major-mode buildd-beside)))
      `(,major-mode . ("rass" "--" ,@other "--" ,@buildd-program))
    ;; One server for all languages.
    `((prog-mode conf-mode text-mode) . ,buildd-program)))

(defun buildd--outcome (result)
  "RESULT, what the server answered, in a few words."
  (let ((state (plist-get result :state))
        (found (plist-get result :diagnostics)))
    (cond ((and state found)
           (format "%s (%s), %d diagnostics" state (plist-get result :exitStatus) found))
          ((plist-get result :lines) (mapconcat #'identity (plist-get result :lines) "\n"))
          (t "done"))))

(add-hook 'project-find-functions #'buildd-project 90)
(dolist (hook '(prog-mode-hook conf-toml-mode-hook toml-ts-mode-hook))
  (add-hook hook #'buildd-ensure))

(provide 'buildd)
;;; buildd.el ends here
