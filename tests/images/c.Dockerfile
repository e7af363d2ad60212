# What the tests and the demonstration build in: Debian with a C toolchain.
FROM buildd-test/debian:1
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc g++ clang make libc6-dev git procps \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/*
