"""What set-up asks of the engine; the docker command may be missing, or too new.

python engine.py version | has IMAGE | label IMAGE NAME | pull REPOSITORY TAG AS |
    import TAR IMAGE | build DOCKERFILE IMAGE DEFINITION
"""

from __future__ import annotations

import sys

import docker
import docker.errors

PULL_TIMEOUT = 20
"""Seconds: a registry that cannot be reached must not hold up the set-up."""


def main(action: str, *arguments: str) -> int:
    """Do one thing; the process's exit status."""
    client = docker.from_env(timeout=PULL_TIMEOUT if action == "pull" else 3600)
    match action, arguments:
        case "version", ():
            print(client.version()["Version"])
        case "has", (image,):
            try:
                client.images.get(image)
            except docker.errors.ImageNotFound:
                return 1
        case "label", (image, name):
            try:
                print(client.images.get(image).labels.get(name, ""))
            except docker.errors.ImageNotFound:
                return 1
        case "pull", (repository, tag, wanted):
            try:
                client.images.pull(repository, tag).tag(wanted)
            except docker.errors.APIError as error:
                print(error, file=sys.stderr)
                return 1
        case "import", (tar, image):
            # By hand: the SDK's own import hands the engine the path as if it were a URL.
            repository, tag = image.split(":")
            with open(tar, "rb") as file:
                answer = client.api.post(
                    f"{client.api.base_url}/images/create",
                    params={"fromSrc": "-", "repo": repository, "tag": tag},
                    headers={"Content-Type": "application/x-tar"},
                    data=file,
                    timeout=600,
                )
            answer.raise_for_status()
        case "build", (dockerfile, image, definition):
            with open(dockerfile, "rb") as file:
                try:
                    client.images.build(
                        fileobj=file, tag=image, rm=True, labels={"definition": definition}
                    )
                except docker.errors.BuildError as error:
                    print("".join(line.get("stream", "") for line in error.build_log), error)
                    return 1
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
