//! Has Zed start `buildd lsp`.

use zed_extension_api::{self as zed, LanguageServerId, Result, Worktree};

struct Buildd;

impl zed::Extension for Buildd {
    fn new() -> Self {
        Buildd
    }

    fn language_server_command(
        &mut self,
        _: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<zed::Command> {
        let command = worktree
            .which("buildd")
            .ok_or("There is no `buildd` on the PATH: install it, and start Zed from a terminal.")?;
        Ok(zed::Command {
            command,
            args: vec!["lsp".into()],
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(Buildd);
