//! Any text as a template: evaluation ends, and never in a fault of the program.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_collect::arm_template::{self, Limits, Options, Target};
use stance_collect::json;

fuzz_target!(|text: &str| {
    let parsed = json::parse("fuzz.json", text, &json::Limits::default());
    let Some(document) = parsed.document else {
        return;
    };
    let options = Options {
        now: Default::default(),
        target: &Target::default(),
        links: None,
        limits: Limits {
            steps: 50_000,
            resources: 200,
            copies: 50,
            ..Limits::default()
        },
    };
    let read = arm_template::read(&document, None, &options);
    assert!(read.diagnostics.iter().all(|said| said.code != "ARM0018"));
});
