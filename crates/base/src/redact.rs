//! Secrets removed from everything read, before it is stored or printed.
