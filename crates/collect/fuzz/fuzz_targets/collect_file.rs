//! Any bytes as an input file: never a panic, never without end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_collect::{CollectOptions, Gathered, collect_reader};

fuzz_target!(|bytes: &[u8]| {
    let mut sink = Gathered::default();
    collect_reader("fuzz.json", bytes, &CollectOptions::default(), &mut sink);
});
