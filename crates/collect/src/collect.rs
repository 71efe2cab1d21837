//! The run: inputs to files, files to readers.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use stance_model::{Diagnostic, DiagnosticLevel};

use crate::aws;
use crate::cloudformation;
use crate::codes::{self, DiagnosticCode};
use crate::context::{FileContext, InputState, PASSED_OVER_NAMED, RunState};
use crate::documents;
use crate::google;
use crate::manifest;
use crate::resource_graph::{csv_rows, detect::csv_delimiter};
use crate::sink::{CollectOptions, CollectSummary, Input, InputReport, Sink};
use crate::stream::decode::{Notes, text_reader};
use crate::stream::{Fault, JsonStream, Place};
use crate::template::read::{deliver, read_as_part};
use crate::terraform;
use crate::terraform::folders::{Folders, Reading};
use crate::walk::{Found, Obstacle, Walk, walk};

/// Text looked at to recognise CSV.
const HEAD_BYTES: usize = 64 << 10;
/// Text looked at to recognise a template in YAML.
const YAML_HEAD_BYTES: usize = 1 << 20;
/// Endings of files that are meant as data; others in a folder are passed over with a note.
const DATA_ENDINGS: &[&str] = &[
    "json", "jsonl", "ndjson", "csv", "tsv", "gz", "txt", "jsonc",
];

/// Reads every input in the order given and hands what it finds to `sink`.
///
/// Never fails as a whole: what could not be read is a diagnostic, and [`InputReport::complete`]
/// says whether there was any.
pub fn collect(roots: &[PathBuf], options: &CollectOptions, sink: &mut dyn Sink) -> CollectSummary {
    let mut summary = CollectSummary::default();
    let mut run = RunState::default();
    let mut walks: Vec<(Input, Walk)> = Vec::new();
    for root in roots {
        let found = open_root(root, options);
        match walks.iter_mut().find(|(input, _)| input.key == found.0.key) {
            Some((_, earlier)) => earlier.obstacles.push(twice(&found.0)),
            None => walks.push(found),
        }
    }
    run.bytes_total = walks
        .iter()
        .flat_map(|(_, walk)| &walk.files)
        .map(|file| file.bytes)
        .sum();
    for (input, mut walk) in walks {
        if run.stopped {
            break;
        }
        sink.begin_input(&input);
        let mut state = InputState::default();
        for obstacle in walk.obstacles {
            blocked(&obstacle, &mut run, &mut state, sink);
        }
        let folders = terraform::folders::take(&input, &mut walk.files);
        let mut files = folders.files;
        for file in walk.files {
            files += 1;
            let understood = read_file(&file, &input, options, &mut run, &mut state, sink);
            summary.files_understood += u64::from(understood);
            if run.stopped {
                break;
            }
        }
        deliver_templates(options, &mut state, &mut run, sink);
        summary.files_understood += read_terraform(&folders, options, &mut run, &mut state, sink);
        deliver_waiting(&input.path, options, &mut state, &mut run, sink);
        finish_input(&input.path, &mut state, &mut run, sink);
        summary.files += files;
        summary.resources += state.resources;
        summary.inputs.push(InputReport {
            input,
            complete: !state.incomplete && !run.stopped,
            files,
            resources: state.resources,
        });
        for row in state.ledger.into_rows() {
            sink.coverage(row);
        }
    }
    summary.bytes = run.bytes_done.get();
    summary.errors = run.errors;
    summary.redacted = run.redacted;
    summary.stopped = run.stopped;
    summary
}

/// Reads one stream, such as standard input, as if it were a file called `name`.
pub fn collect_reader(
    name: &str,
    reader: impl Read,
    options: &CollectOptions,
    sink: &mut dyn Sink,
) -> CollectSummary {
    let input = Input {
        key: name.to_owned(),
        path: name.to_owned(),
    };
    sink.begin_input(&input);
    let mut run = RunState::default();
    let mut state = InputState::default();
    let reader = Counted {
        reader,
        count: Rc::clone(&run.bytes_done),
    };
    let understood = {
        let mut context = FileContext::new(options, sink, &mut run, &mut state, name, None);
        read_text(Box::new(reader), &mut context, DiagnosticLevel::Error);
        context.finish();
        context.resources > 0 || context.coverage_rows > 0
    };
    deliver_waiting(&input.path, options, &mut state, &mut run, sink);
    finish_input(&input.path, &mut state, &mut run, sink);
    let resources = state.resources;
    let complete = !state.incomplete && !run.stopped;
    for row in state.ledger.into_rows() {
        sink.coverage(row);
    }
    CollectSummary {
        inputs: vec![InputReport {
            input,
            complete,
            files: 1,
            resources,
        }],
        files: 1,
        files_understood: u64::from(understood),
        resources,
        bytes: run.bytes_done.get(),
        errors: run.errors,
        redacted: run.redacted,
        stopped: run.stopped,
    }
}

fn twice(input: &Input) -> Obstacle {
    Obstacle {
        shown: input.path.clone(),
        code: codes::INPUT_TWICE,
        level: codes::INPUT_TWICE.level,
        message: format!("{} was named before", input.key),
    }
}

/// The canonical path and the files below it.
fn open_root(root: &Path, options: &CollectOptions) -> (Input, Walk) {
    let path = root.to_string_lossy().into_owned();
    match std::fs::canonicalize(root) {
        Ok(canonical) => {
            let key = canonical.to_string_lossy().into_owned();
            let mut walk = walk(root, &canonical, &options.limits);
            walk.files.sort_by_key(|file| !tells_of_others(&file.path));
            (Input { key, path }, walk)
        }
        Err(error) => {
            let code = match error.kind() {
                io::ErrorKind::NotFound => codes::INPUT_NOT_FOUND,
                _ => codes::CANNOT_READ,
            };
            let obstacle = Obstacle {
                shown: path.clone(),
                code,
                level: code.level,
                message: format!("the input cannot be opened: {error}"),
            };
            let walk = Walk {
                obstacles: vec![obstacle],
                ..Walk::default()
            };
            (
                Input {
                    key: path.clone(),
                    path,
                },
                walk,
            )
        }
    }
}

/// Files whose names say that they name what others only refer to: the tenant, the environments. They are read first.
fn tells_of_others(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    [
        "organization",
        "environments",
        "retrievecurrentorganization",
    ]
    .iter()
    .any(|start| name.starts_with(start))
}

fn blocked(obstacle: &Obstacle, run: &mut RunState, state: &mut InputState, sink: &mut dyn Sink) {
    let error = obstacle.level == DiagnosticLevel::Error;
    run.errors += u64::from(error);
    state.incomplete |= error;
    sink.diagnostic(diagnostic(
        obstacle.code,
        obstacle.level,
        &obstacle.shown,
        &obstacle.message,
    ));
}

fn diagnostic(
    code: DiagnosticCode,
    level: DiagnosticLevel,
    file: &str,
    message: &str,
) -> Diagnostic {
    Diagnostic {
        level,
        file: file.to_owned(),
        line: 0,
        column: 0,
        code: code.code.to_owned(),
        message: message.to_owned(),
        help: code.help.to_owned(),
    }
}

/// Reads one file. `true`: it gave resources or coverage.
fn read_file(
    file: &Found,
    input: &Input,
    options: &CollectOptions,
    run: &mut RunState,
    state: &mut InputState,
    sink: &mut dyn Sink,
) -> bool {
    let count = Rc::clone(&run.bytes_done);
    let mut context = FileContext::new(
        options,
        sink,
        run,
        state,
        &file.shown,
        Some((file.path.as_path(), input)),
    );
    context.progress();
    match File::open(&file.path) {
        Ok(opened) => {
            let reader = Box::new(Counted {
                reader: opened,
                count,
            });
            if file
                .path
                .file_name()
                .is_some_and(|name| name == manifest::FILE_NAME)
            {
                read_manifest(reader, &mut context);
            } else {
                let ending = file.path.extension().and_then(|ending| ending.to_str());
                let data = ending.is_some_and(|ending| {
                    DATA_ENDINGS.contains(&ending.to_ascii_lowercase().as_str())
                });
                let level = if file.named || data {
                    DiagnosticLevel::Error
                } else {
                    DiagnosticLevel::Note
                };
                read_text(reader, &mut context, level);
            }
        }
        Err(error) => {
            let message = format!("the file cannot be opened: {error}");
            context.report(codes::CANNOT_READ, Place::NONE, &message);
        }
    }
    context.finish();
    context.resources > 0 || context.coverage_rows > 0
}

fn read_manifest(reader: Box<dyn Read + '_>, context: &mut FileContext<'_>) {
    let notes = Rc::new(Notes::default());
    match text_reader(reader, &context.options.limits, &notes) {
        Ok(text) => manifest::read(text, context),
        Err(error) => context.report(codes::CANNOT_READ, Place::NONE, &error.to_string()),
    }
}

/// Recognises the format and reads it. `strange` is the level of "not understood".
fn read_text<'a>(
    reader: Box<dyn Read + 'a>,
    context: &mut FileContext<'_>,
    strange: DiagnosticLevel,
) {
    let notes = Rc::new(Notes::default());
    let text = match text_reader(reader, &context.options.limits, &notes) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("reading stopped: {error}");
            context.report(codes::CANNOT_READ, Place::NONE, &message);
            return;
        }
    };
    let mut stream = JsonStream::new(text);
    dispatch(&mut stream, context, strange);
    context.notes(&notes);
}

fn dispatch(stream: &mut JsonStream<'_>, context: &mut FileContext<'_>, strange: DiagnosticLevel) {
    match stream.peek_template() {
        Ok(Some(b'{' | b'[')) => return documents::read(stream, context),
        Ok(Some(_)) => {}
        Ok(None) if aws::answers::read::empty(context) => return,
        Ok(None) => {
            context.report(codes::EMPTY_FILE, Place::NONE, "the file is empty");
            return;
        }
        Err(fault) => return context.fault(&fault),
    }
    match is_yaml_template(stream) {
        Ok(true) => return cloudformation::read::yaml_template(stream, context),
        Ok(false) => {}
        Err(fault) => return context.fault(&fault),
    }
    let delimiter = match stream.look_ahead(HEAD_BYTES) {
        Ok(head) => csv_delimiter(head),
        Err(fault) => return context.fault(&fault),
    };
    let Some(delimiter) = delimiter else {
        if strange == DiagnosticLevel::Note {
            return context.pass_over();
        }
        let code = codes::NOT_UNDERSTOOD;
        context.report(code, Place::START, "the format is not known");
        return;
    };
    csv_rows::skip_separator_line(stream);
    // With `\r\n` the reader counts a row's line from before its `\n`.
    let crlf = stream
        .look_ahead(HEAD_BYTES)
        .is_ok_and(|head| memchr::memmem::find(head, b"\r\n").is_some());
    let first_line = stream.place().line + u32::from(crlf);
    csv_rows::read(Box::new(stream.as_reader()), delimiter, first_line, context);
}

/// A template in YAML. Sections may stand far from the top, but some section stands near it.
fn is_yaml_template(stream: &mut JsonStream<'_>) -> Result<bool, Fault> {
    if !cloudformation::detect::may_be_yaml(stream.look_ahead(HEAD_BYTES)?) {
        return Ok(false);
    }
    let head = stream.look_ahead(YAML_HEAD_BYTES)?;
    Ok(cloudformation::detect::is_yaml(head))
}

/// The end of an input: templates that no other template links.
fn deliver_templates(
    options: &CollectOptions,
    state: &mut InputState,
    run: &mut RunState,
    sink: &mut dyn Sink,
) {
    let parts = read_as_part(&state.links);
    for evaluated in std::mem::take(&mut state.templates) {
        let linked = evaluated
            .path
            .as_ref()
            .is_some_and(|path| parts.contains(path));
        if linked || run.stopped {
            continue;
        }
        let file = evaluated.file.clone();
        let mut context = FileContext::new(options, sink, run, state, &file, None);
        // A stop is remembered in the run.
        let _ = deliver(&mut context, evaluated);
        context.close_rows();
    }
}

/// The end of an input: resources that waited for what other files tell.
fn deliver_waiting(
    input: &str,
    options: &CollectOptions,
    state: &mut InputState,
    run: &mut RunState,
    sink: &mut dyn Sink,
) {
    if run.stopped {
        return;
    }
    let mut context = FileContext::new(options, sink, run, state, input, None);
    // A stop is remembered in the run.
    let _ = aws::store::deliver(&mut context).is_continue()
        && google::projects::release(&mut context).is_continue()
        && context.settle_homes().is_continue()
        && context.settle_agents().is_continue();
    context.close_rows();
}

/// Folders of Terraform source. Gives the number of files understood.
fn read_terraform(
    folders: &Folders,
    options: &CollectOptions,
    run: &mut RunState,
    state: &mut InputState,
    sink: &mut dyn Sink,
) -> u64 {
    if folders.is_empty() || run.stopped {
        return 0;
    }
    let bytes_done = Rc::clone(&run.bytes_done);
    bytes_done.set(bytes_done.get() + folders.bytes);
    let mut understood = 0;
    folders.read(options, &mut |file, reading| {
        if run.stopped {
            return;
        }
        let mut context = FileContext::new(options, sink, run, state, file, None);
        context.progress();
        match reading {
            Reading::Said(said) => {
                for one in said {
                    context.send_diagnostic(terraform::folders::cleaned(one));
                }
            }
            Reading::Found(found, faulty) => {
                understood += found.files.len() as u64;
                terraform::folders::deliver(&mut context, found, faulty);
            }
        }
        context.close_rows();
    });
    understood
}

/// The end of an input: parameter files that nothing used.
fn finish_input(input: &str, state: &mut InputState, run: &mut RunState, sink: &mut dyn Sink) {
    if run.stopped {
        return;
    }
    let unnamed = state.passed_over.saturating_sub(PASSED_OVER_NAMED);
    if unnamed > 0 {
        let code = codes::NOT_UNDERSTOOD;
        let message = format!("{unnamed} more files of unknown formats were passed over");
        sink.diagnostic(diagnostic(code, DiagnosticLevel::Note, input, &message));
    }
    for (path, shown) in std::mem::take(&mut state.parameter_files) {
        if state.parameters_used.contains(&path) {
            continue;
        }
        let code = codes::PARAMETERS_WITHOUT_TEMPLATE;
        sink.diagnostic(diagnostic(
            code,
            code.level,
            &shown,
            "no template uses this parameter file",
        ));
    }
}

/// Counts the bytes that pass.
struct Counted<R> {
    reader: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}
