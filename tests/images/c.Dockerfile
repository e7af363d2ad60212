# What the tests and the demonstration build in: Debian with a C toolchain, and what a person uses
# at a terminal.
FROM buildd-test/debian:1
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        gcc g++ clang clangd make cmake ninja-build libc6-dev git procps less vim-tiny htop \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/*
