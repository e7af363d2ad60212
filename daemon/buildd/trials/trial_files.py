"""The files that a trial works on: a checkout, a copy of another trial's, or the project itself."""

from __future__ import annotations

import filecmp
import os

from buildd.errors import BuilddError
from buildd.model import Project
from buildd.paths import private_dir
from buildd.trials.checkout import CheckoutCopy, CheckoutSource, check_out, duplicate


def copied_contents(project: Project, copy: CheckoutCopy) -> dict[str, str]:
    """Return the digests that the user consented to, for the files of the copy too."""
    copied = {copy.path(path): digest for path, digest in project.contents.items()}
    return {**project.contents, **copied}


def trial_files(
    project: Project, files: CheckoutSource | CheckoutCopy | None, directory: str
) -> CheckoutCopy:
    """Make the copy that a trial in `directory` works on; without `files`, it is the project.

    Raises BuilddError if a checkout would not have the configuration that was read.
    """
    if files is None:
        return CheckoutCopy(project.path, project.path)
    root = private_dir(os.path.join(directory, "files"))
    # Users of the container enter it; on the host, the directory above it stays closed.
    os.chmod(root, 0o755)  # noqa: S103
    if isinstance(files, CheckoutCopy):
        return duplicate(files, root)
    copy = check_out(project.path, root, files)
    if files is not CheckoutSource.PRESENT:
        _check_definition(project, copy)
    return copy


def _check_definition(project: Project, copy: CheckoutCopy) -> None:
    """Check that the copy has the same configuration that was read."""
    for file in project.files:
        copied = copy.path(file)
        if not os.path.exists(copied):
            what = "is not under version control, so a clean checkout does not have it"
        elif not filecmp.cmp(file, copied, shallow=False):
            what = "has changes that are not committed, so a clean checkout has another version"
        else:
            continue
        raise BuilddError(
            f"{file} {what}", "Commit it, or use the directory as it is: `buildd ci --worktree`."
        )
