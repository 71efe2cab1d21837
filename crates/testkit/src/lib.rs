//! What tests share: folders, commands, golden files.
