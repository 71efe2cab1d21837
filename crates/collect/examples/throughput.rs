//! Reads inputs and prints how long it took: `throughput [-v] PATH...`, or `throughput --generate N FILE` to
//! write a Resource Graph export of N resources first.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use stance_collect::{CollectOptions, Sink, collect};
use stance_model::{Coverage, Diagnostic, Resource};

#[derive(Default)]
struct Counting {
    resources: u64,
    coverage: u64,
    diagnostics: u64,
    /// Print them.
    told: bool,
}

impl Sink for Counting {
    fn resource(&mut self, _resource: Resource) -> ControlFlow<()> {
        self.resources += 1;
        ControlFlow::Continue(())
    }

    fn coverage(&mut self, _coverage: Coverage) {
        self.coverage += 1;
    }

    fn diagnostic(&mut self, said: Diagnostic) {
        self.diagnostics += 1;
        if self.told {
            println!("{} {}:{} {}", said.code, said.file, said.line, said.message);
        }
    }
}

fn generate(count: usize, path: &str) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    write!(file, "{{\"count\":{count},\"data\":[").unwrap();
    for number in 0..count {
        let comma = if number > 0 { "," } else { "" };
        let subscription = format!("{:08x}-1111-2222-3333-444444444444", number % 20);
        let group = format!("rg-{}", number % 500);
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices/accounts/account-{number}"
        );
        let connections: Vec<String> = (0..4)
            .map(|n| format!(r#"{{"id":"{id}/privateEndpointConnections/pe-{n}","properties":{{"privateLinkServiceConnectionState":{{"status":"Approved","description":"Approved by the owner"}},"groupIds":["account"]}}}}"#))
            .collect();
        write!(
            file,
            r#"{comma}{{"id":"{id}","name":"account-{number}","type":"microsoft.cognitiveservices/accounts","tenantId":"99999999-1111-2222-3333-444444444444","kind":"OpenAI","location":"westeurope","resourceGroup":"{group}","subscriptionId":"{subscription}","sku":{{"name":"S0"}},"identity":{{"type":"SystemAssigned","principalId":"{subscription}"}},"tags":{{"owner":"team-{number}","costCenter":"{number}"}},"properties":{{"endpoint":"https://account-{number}.openai.azure.com/","publicNetworkAccess":"Enabled","disableLocalAuth":false,"networkAcls":{{"defaultAction":"Allow","ipRules":[],"virtualNetworkRules":[]}},"privateEndpointConnections":[{}],"capabilities":[{{"name":"VirtualNetworks"}},{{"name":"CustomerManagedKey"}}],"dateCreated":"2024-05-01T12:00:00Z","internalId":"{subscription}","provisioningState":"Succeeded"}}}}"#,
            connections.join(",")
        )
        .unwrap();
    }
    write!(file, "],\"skip_token\":null,\"total_records\":{count}}}").unwrap();
}

/// Most memory this process ever held, in MiB, where the system tells.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().split(' ').next()?.parse::<u64>().ok())
        .unwrap_or_default()
        / 1024
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "--generate") {
        generate(arguments[1].parse().unwrap(), &arguments[2]);
        arguments.drain(..2);
    }
    let told = arguments.first().is_some_and(|first| first == "-v");
    if told {
        arguments.remove(0);
    }
    let paths: Vec<PathBuf> = arguments.iter().map(PathBuf::from).collect();
    let mut sink = Counting {
        told,
        ..Counting::default()
    };
    let start = Instant::now();
    let summary = collect(&paths, &CollectOptions::default(), &mut sink);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} resources, {} files, {:.1} MB in {seconds:.2} s ({:.0} MB/s), {} redacted, {} coverage rows, {} diagnostics, peak memory {} MiB",
        summary.resources,
        summary.files,
        summary.bytes as f64 / 1e6,
        summary.bytes as f64 / 1e6 / seconds,
        summary.redacted,
        sink.coverage,
        sink.diagnostics,
        peak_memory()
    );
}
