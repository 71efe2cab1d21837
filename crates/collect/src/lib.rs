//! Readers: files in, resources and coverage out.
