//! KQL front end: lexer, lossless tree, AST, binder, diagnostics.
