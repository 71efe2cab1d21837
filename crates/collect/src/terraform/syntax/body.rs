//! Files and blocks: attributes, and blocks within blocks.

use std::rc::Rc;

use super::cursor::Cursor;
use super::expression::expression;
use super::text::quoted_plain;
use super::tree::{Attribute, Block, Body, SyntaxFault};
use crate::stream::Place;

/// Faults of one file that are told.
const MOST_FAULTS: usize = 50;

/// Reads a file. A block that cannot be read is a fault, and the next one is read.
pub(in crate::terraform) fn parse(text: &str) -> (Body, Vec<SyntaxFault>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut cursor = Cursor::new(text, Place::START, 0);
    let mut body = Body::default();
    let mut faults = Vec::new();
    loop {
        cursor.lines();
        if cursor.byte().is_none() {
            return (body, faults);
        }
        let found = if cursor.byte() == Some(b'}') {
            Err(cursor.fault("a `}` that closes nothing"))
        } else {
            statement(&mut cursor, &mut body)
        };
        if let Err(fault) = found {
            faults.push(fault);
            if faults.len() >= MOST_FAULTS {
                faults.push(cursor.fault("too many faults; the rest of the file is left out"));
                return (body, faults);
            }
            cursor = resume(text, cursor.at);
        }
    }
}

/// A fresh cursor behind a fault: brackets and levels are forgotten.
fn resume(text: &str, at: usize) -> Cursor<'_> {
    let mut cursor = Cursor::new(text, Place::START, 0);
    cursor.at = at;
    cursor.next_statement();
    cursor
}

fn block_body(cursor: &mut Cursor<'_>) -> Result<Body, SyntaxFault> {
    let mut body = Body::default();
    let outside = std::mem::take(&mut cursor.brackets);
    loop {
        cursor.lines();
        match cursor.byte() {
            Some(b'}') => {
                cursor.at += 1;
                cursor.brackets = outside;
                return Ok(body);
            }
            Some(_) => statement(cursor, &mut body)?,
            None => return Err(cursor.fault("the file ends within a block")),
        }
    }
}

fn statement(cursor: &mut Cursor<'_>, body: &mut Body) -> Result<(), SyntaxFault> {
    let place = cursor.place();
    let Some(name) = name_or_text(cursor)? else {
        return Err(cursor.fault("expected the name of an attribute or block"));
    };
    cursor.space();
    if cursor.byte() == Some(b'=') && !cursor.starts("==") {
        cursor.at += 1;
        cursor.space();
        let value = expression(cursor)?;
        body.attributes.push(Attribute { name, place, value });
        return end_of_line(cursor);
    }
    let mut labels = Vec::new();
    loop {
        cursor.space();
        if cursor.take("{") {
            break;
        }
        match name_or_text(cursor)? {
            Some(label) => labels.push(label),
            None => return Err(cursor.fault(format!("expected `=` or `{{` behind `{name}`"))),
        }
    }
    cursor.enter()?;
    let inner = block_body(cursor)?;
    cursor.leave();
    body.blocks.push(Block {
        name,
        labels,
        place,
        body: inner,
    });
    end_of_line(cursor)
}

fn name_or_text(cursor: &mut Cursor<'_>) -> Result<Option<Rc<str>>, SyntaxFault> {
    if cursor.byte() == Some(b'"') {
        return quoted_plain(cursor).map(Some);
    }
    Ok(cursor.name().map(Rc::from))
}

fn end_of_line(cursor: &mut Cursor<'_>) -> Result<(), SyntaxFault> {
    cursor.space();
    match cursor.byte() {
        None | Some(b'\n' | b'}') => Ok(()),
        // Pairs in tfvars files are parted by commas now and then.
        Some(b',') => {
            cursor.at += 1;
            Ok(())
        }
        Some(_) => Err(cursor.fault("expected the end of the line")),
    }
}
