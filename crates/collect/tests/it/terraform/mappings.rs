//! The mapping data, and the page that lists it.

use std::fmt::Write as _;
use std::path::PathBuf;

use stance_collect::terraform;

/// The list of the page stands behind this line.
const MARK: &str = "<!-- types -->\n";

#[test]
fn every_mapping_can_be_used() {
    assert_eq!(terraform::mapping_problems(), Vec::<String>::new());
    assert!(terraform::mapped_types().len() > 150);
}

#[test]
fn mapped_types_are_listed() {
    let mut list = String::from("\n| Terraform | type |\n|---|---|\n");
    for (kind, native) in terraform::mapped_types() {
        let _ = writeln!(list, "| `{kind}` | {native} |");
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/terraform.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, written) = page.split_once(MARK).unwrap();
    if std::env::var_os("STANCE_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}{MARK}{list}")).unwrap();
        return;
    }
    assert_eq!(
        written,
        list,
        "run with STANCE_UPDATE=1 to renew {}",
        path.display()
    );
}
