//! Any text as an attack-path rule: read, compiled, its examples run. Nothing may panic or take long.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_exposure::Vocabulary;
use stance_exposure::rule::{read_rule, run_rule_examples};

fuzz_target!(|text: &str| {
    let Ok(vocabulary) = Vocabulary::embedded() else {
        return;
    };
    let Ok(rule) = read_rule(text) else {
        return;
    };
    if let Ok(pattern) = rule.compile(&vocabulary) {
        let _ = pattern.to_kql();
    }
    let _ = run_rule_examples(&rule, &vocabulary);
});
