//! Rebuilds when a rule file is added: the files themselves are tracked by the compiler, their folder is not.

fn main() {
    for folder in ["policies", "initiatives", "aliases"] {
        // Build scripts speak to cargo on standard output.
        #[allow(clippy::print_stdout)]
        {
            println!("cargo:rerun-if-changed=../../content/{folder}");
        }
    }
}
