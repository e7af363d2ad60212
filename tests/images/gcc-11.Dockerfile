# The same with an older compiler, for what differs between two environments.
FROM buildd-test/c:1
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc-11 \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/bin/gcc-11 /usr/local/bin/gcc
