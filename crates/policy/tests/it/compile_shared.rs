//! Microsoft's own definitions compile strictly, given Azure's aliases.

use std::io::Read;

use stance_policy::{AliasSources, CompileReport, Library, compile_report};

use crate::helpers::shared;

pub(crate) fn aliases(folder: &std::path::Path) -> AliasSources {
    let mut aliases = AliasSources::embedded();
    aliases
        .add_file(&folder.join("policies/aliases.json.gz"))
        .unwrap();
    aliases
}

/// The sample of other built-in definitions.
pub(crate) fn sample(folder: &std::path::Path) -> Library {
    let file = std::fs::File::open(folder.join("policies/builtin-sample.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut library = Library::default();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        if path.to_lowercase().ends_with(".json") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            library.add_bytes(&path, &bytes);
        }
    }
    library
}

fn print(what: &str, report: &CompileReport) {
    eprintln!(
        "{what}: {} of {} compile strictly",
        report.compiled, report.total
    );
    for failure in &report.failures {
        eprintln!(
            "  {} ({}:{}): {}",
            failure.display_name, failure.file, failure.line, failure.reason
        );
    }
}

#[test]
fn all_definitions_about_ai_compile() {
    let Some(folder) = shared("all_definitions_about_ai_compile") else {
        return;
    };
    let mut library = Library::default();
    library.add_path(&folder.join("policies/ai"));
    assert_eq!(library.diagnostics, []);
    for (what, sources) in [
        ("AI, Azure's aliases", aliases(&folder)),
        ("AI, built-in aliases", AliasSources::embedded()),
    ] {
        let report = compile_report(&library.definitions, &sources).unwrap();
        print(what, &report);
        assert_eq!(report.total, 111);
        assert_eq!(report.failures, []);
    }
}

#[test]
fn nearly_all_of_the_sample_compile_and_the_rest_have_a_reason() {
    let Some(folder) = shared("nearly_all_of_the_sample_compile") else {
        return;
    };
    let library = sample(&folder);
    assert_eq!(library.diagnostics, []);
    let report = compile_report(&library.definitions, &aliases(&folder)).unwrap();
    print("sample", &report);
    assert_eq!(report.total, 520);
    assert!(
        report.compiled * 100 >= report.total * 98,
        "{} of {}",
        report.compiled,
        report.total
    );
    for failure in &report.failures {
        assert!(
            failure.reason.contains("uniquestring")
                || failure.reason.contains("invalid character in string"),
            "{failure:?}"
        );
        assert!(failure.line > 0, "{failure:?}");
    }
}
