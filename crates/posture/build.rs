//! Rebuilds when a check is added: the files themselves are tracked by the compiler, their folders are not.

fn main() {
    for folder in ["aws", "azure", "gcp"] {
        // Build scripts speak to cargo on standard output.
        #[allow(clippy::print_stdout)]
        {
            println!("cargo:rerun-if-changed=../../content/checks/{folder}");
        }
    }
}
