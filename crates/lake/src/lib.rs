//! Delta tables on disk: writer, snapshot scan.
