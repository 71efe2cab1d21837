//! Any text as a Terraform module and its variables: reading ends, and never in a panic.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use stance_collect::arm_template::Target;
use stance_collect::terraform::{MemoryFiles, read_folder};

fuzz_target!(|texts: (&str, &str, bool)| {
    let (source, variables, json) = texts;
    let name = if json { "main.tf.json" } else { "main.tf" };
    let files = BTreeMap::from([
        (name.to_owned(), source.to_owned()),
        ("terraform.tfvars".to_owned(), variables.to_owned()),
        ("m/main.tf".to_owned(), source.to_owned()),
    ]);
    read_folder("", &MemoryFiles(files), &Target::default());
});
