//! The block / confirm workflow: check → confirm → release → sent.
