# The image for `velero plugin add`: it runs once, as an init container of the Velero server, and copies the bundle
# into Velero's plugin folder, mounted at /target. hack/image builds it; so does any builder after hack/bundle.
# BASE needs glibc 2.34 or newer and nothing else.
ARG BASE=debian:12-slim
FROM ${BASE}
ARG VERSION
LABEL org.opencontainers.image.title="velero-init-hooks" \
      org.opencontainers.image.description="Velero plugin: restore hooks that run as init containers and share the app's volumes" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY dist/bundle /velero-init-hooks
USER 65532:65532
ENTRYPOINT ["/velero-init-hooks/velero-init-hooks", "install"]
