//! Terraform: source folders, plans and states, as resources in the clouds' own shape.
//!
//! - **Source** (`*.tf`, `*.tf.json`, tfvars): the files of a folder are one module. It is evaluated as far as that goes
//!   without a provider: variables, locals, `count`, `for_each`, dynamic blocks, functions, local modules. Nothing is
//!   fetched and nothing is run.
//! - **Plan** (`terraform show -json`): values as planned; what is known only after apply is unknown.
//! - **State** (`terraform show -json`, `terraform.tfstate`): observed, so its resources are live.
//!
//! All three give the same plain tree of attributes, and the mappings under `content/mappings/terraform` make resources
//! of it (decision 0008).
//!
//! # What cannot be known
//!
//! Data sources, variables without a value, attributes that only the cloud knows, modules outside the input: the leaf
//! holds the expression in braces, and the resource's `unknowns` names its pointer. Known parts beside it stay known. A
//! resource whose `count` or `for_each` is unknown is there once, and its existence is unknown (pointer `""`). Declared
//! resources have made-up ids; a reference to another resource's id gives that id.

mod assemble;
mod evaluate;
mod fault;
mod files;
pub(crate) mod folders;
mod functions;
mod instance;
mod mapping;
pub(crate) mod plan;
mod policy_document;
mod read;
mod source;
pub(crate) mod state;
mod syntax;
mod value;

pub use files::{MemoryFiles, ModuleFiles};
pub use read::{Found, read_folder};

/// Every mapped Terraform type with its type in the cloud, in order of name.
pub fn mapped_types() -> Vec<(String, String)> {
    mapping::mapped_types()
}

/// What is wrong with the mapping files; empty unless somebody broke one.
pub fn mapping_problems() -> Vec<String> {
    mapping::problems()
}
