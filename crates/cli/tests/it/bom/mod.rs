//! `stance bom`, `stance register`, `stance inventory`.

mod commands;
mod cyclonedx;
pub mod estate;
mod inventory;
mod register;
mod views;

/// Compares with a file under `golden`, which rewrites itself with `STANCE_UPDATE_GOLDEN=1`.
pub fn golden(name: &str, text: &str) {
    let path = crate::support::root()
        .join("crates/cli/tests/it/bom/golden")
        .join(name);
    if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "{}", path.display());
}
