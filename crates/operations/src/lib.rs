//! The pipeline: collect, store, judge, tell.
