# Build with the toolchain the project names, run as nobody in particular.
#
#   docker build -t wecom-guard .
#   docker run --rm --entrypoint cat wecom-guard /usr/share/doc/wecom-guard/guard.example.toml > guard.toml
#   docker run --read-only -p 8080:8080 -v guard-data:/data -v ./guard.toml:/etc/wecom-guard/guard.toml:ro wecom-guard
#
# The shipped rules lie beside the settings, where `rules.dir` looks for them; mount a folder over
# /etc/wecom-guard/rules to bring your own.

FROM rust:1.95-slim-trixie AS build
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin wecom-guard
# A volume takes over the owner of the folder it covers.
RUN mkdir /empty-data

FROM debian:trixie-slim
# The authorities that vouch for WeCom's servers, and curl for the health check.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /build/target/release/wecom-guard /usr/local/bin/wecom-guard
COPY --from=build /build/rules /etc/wecom-guard/rules
COPY --from=build /build/guard.example.toml /build/LICENSE /build/LICENSE-APACHE /build/LICENSE-MIT /usr/share/doc/wecom-guard/
COPY --from=build --chown=65534:65534 /empty-data /data

# Everything that is written goes to /data; the rest of the file system may be read-only.
VOLUME /data
ENV WECOM_GUARD_STORE_URL=sled:/data \
    WECOM_GUARD_SERVER_LISTEN=0.0.0.0:8080
EXPOSE 8080
USER 65534:65534
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["wecom-guard"]
CMD ["serve", "--config", "/etc/wecom-guard/guard.toml"]
