//! The prompt of `stance query`: history, completion, several lines.

use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

use reedline::{
    ColumnarMenu, Completer, CompletionResult, DefaultHinter, EditCommand, Emacs,
    FileBackedHistory, KeyCode, KeyModifiers, MenuBuilder, Prompt, PromptEditMode,
    PromptHistorySearch, Reedline, ReedlineEvent, ReedlineMenu, Signal, Span, Suggestion,
    ValidationResult, Validator, default_emacs_keybindings,
};
use stance_base::ErrorCode;
use stance_kql::Engine;
use stance_kql_syntax::completion::completions_at;

use crate::arguments::QueryArguments;
use crate::commands::query::show;
use crate::data_folder;
use crate::failure::Failure;

/// Queries kept in the history file.
const HISTORY: usize = 2000;
const MENU: &str = "completion";

/// Reads queries until the user leaves.
pub(crate) async fn run(engine: &Engine, arguments: &QueryArguments) -> Result<ExitCode, Failure> {
    let mut editor = editor(engine, arguments)?;
    say("KQL; a query runs when it is whole, Tab completes, .tables lists tables, Ctrl-D leaves");
    loop {
        let line = match editor.read_line(&Arrow) {
            Ok(Signal::Success(line)) => line,
            Ok(Signal::CtrlC) => continue,
            Ok(_) => return Ok(ExitCode::SUCCESS),
            Err(error) => {
                return Err(Failure::new(
                    ErrorCode::Internal,
                    format!("the prompt ended: {error}"),
                ));
            }
        };
        match line.trim() {
            "" => {}
            ".quit" | ".exit" => return Ok(ExitCode::SUCCESS),
            ".tables" => say(&table_names(engine).join("\n")),
            query => answer(engine, query, arguments).await,
        }
    }
}

/// Runs one query; Ctrl-C stops it and comes back to the prompt.
async fn answer(engine: &Engine, query: &str, arguments: &QueryArguments) {
    let told = tokio::select! {
        result = engine.query(query) => result.map_err(Failure::from).and_then(|result| show(&result, arguments)),
        _ = tokio::signal::ctrl_c() => Err(Failure::new(ErrorCode::Cancelled, "stopped")),
    };
    if let Err(failure) = told {
        let _ = failure.report();
    }
}

fn say(text: &str) {
    // A closed standard error ends the prompt at its next line anyway.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn table_names(engine: &Engine) -> Vec<String> {
    let names = engine.with_syntax_catalog(|catalog| catalog.table_names());
    names.iter().map(ToString::to_string).collect()
}

fn editor(engine: &Engine, arguments: &QueryArguments) -> Result<Reedline, Failure> {
    let path = data_folder::path(&arguments.data)?.join("history.txt");
    private_file(&path);
    let mut keys = default_emacs_keybindings();
    keys.add_binding(
        KeyModifiers::NONE,
        KeyCode::Tab,
        ReedlineEvent::UntilFound(vec![
            ReedlineEvent::Menu(MENU.to_owned()),
            ReedlineEvent::MenuNext,
        ]),
    );
    keys.add_binding(
        KeyModifiers::ALT,
        KeyCode::Enter,
        ReedlineEvent::Edit(vec![EditCommand::InsertNewline]),
    );
    let mut editor = Reedline::create()
        .with_edit_mode(Box::new(Emacs::new(keys)))
        .with_completer(Box::new(Names {
            engine: engine.clone(),
        }))
        .with_menu(ReedlineMenu::EngineCompleter(Box::new(
            ColumnarMenu::default().with_name(MENU),
        )))
        .with_validator(Box::new(Whole))
        .with_hinter(Box::new(DefaultHinter::default()))
        .with_ansi_colors(crate::terminal::colour(crate::terminal::Stream::Output));
    // A history that cannot be kept is no reason not to ask.
    if let Ok(history) = FileBackedHistory::with_file(HISTORY, path) {
        editor = editor.with_history(Box::new(history));
    }
    Ok(editor)
}

/// Makes the history file readable by its user alone.
fn private_file(path: &std::path::Path) {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Where it cannot be made, the history is not kept.
    let _ = options.open(path);
}

/// Completes tables, columns, operators and functions.
struct Names {
    engine: Engine,
}

impl Completer for Names {
    fn complete(&mut self, line: &str, position: usize) -> CompletionResult {
        let found = self
            .engine
            .with_syntax_catalog(|catalog| completions_at(line, position, catalog));
        let suggestions: Vec<Suggestion> = found
            .into_iter()
            .map(|completion| Suggestion {
                value: completion.label,
                description: Some(completion.detail),
                span: Span::new(
                    completion.replaces.start as usize,
                    completion.replaces.end as usize,
                ),
                append_whitespace: false,
                ..Suggestion::default()
            })
            .collect();
        CompletionResult::fresh(suggestions)
    }
}

/// A query goes on while brackets or strings are open, or the line ends in a pipe.
struct Whole;

impl Validator for Whole {
    fn validate(&self, line: &str) -> ValidationResult {
        if is_whole(line) {
            ValidationResult::Complete
        } else {
            ValidationResult::Incomplete
        }
    }
}

fn is_whole(text: &str) -> bool {
    let mut depth = 0_i32;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '/') if characters.peek() == Some(&'/') => {
                characters.by_ref().find(|character| *character == '\n');
            }
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (Some(_) | None, _) => {}
        }
    }
    depth <= 0 && quote.is_none() && !text.trim_end().ends_with(['|', ',', ';'])
}

/// `kql>`, and dots on the lines after.
struct Arrow;

impl Prompt for Arrow {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed("kql")
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("...> ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        Cow::Owned(format!("(search: {}) ", search.term))
    }
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_query_goes_on_until_it_is_whole() {
        assert!(is_whole("Resources | count"));
        assert!(is_whole("print 'a | b' // ( open"));
        assert!(is_whole("print \"it's (\""));
        assert!(!is_whole("Resources |"));
        assert!(!is_whole("Resources | where (type == 'x'"));
        assert!(!is_whole("print 'open"));
        assert!(!is_whole("let x = 1;"));
    }
}
