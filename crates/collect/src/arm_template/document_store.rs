//! Documents read during evaluation, kept as long as it runs.

use std::cell::OnceCell;

use crate::json::Document;

/// A list that only grows, so that what is in it can be borrowed while more is added.
#[derive(Debug, Default)]
pub(super) struct DocumentStore {
    document: OnceCell<Document>,
    next: OnceCell<Box<DocumentStore>>,
}

impl DocumentStore {
    /// Adds a document and lends it.
    pub(super) fn add(&self, document: Document) -> &Document {
        let mut at = self;
        let mut document = document;
        loop {
            match at.document.set(document) {
                Ok(()) => break,
                Err(back) => {
                    document = back;
                    at = at.next.get_or_init(Box::default);
                }
            }
        }
        // Just set, so the closure never runs.
        at.document.get_or_init(unreachable_document)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        let mut count = 0;
        let mut at = Some(self);
        while let Some(store) = at.filter(|store| store.document.get().is_some()) {
            count += 1;
            at = store.next.get().map(Box::as_ref);
        }
        count
    }

    /// The document of this path, where it was added before.
    pub(super) fn find(&self, file: &str) -> Option<&Document> {
        let mut at = Some(self);
        while let Some(store) = at {
            if let Some(found) = store
                .document
                .get()
                .filter(|document| document.file == file)
            {
                return Some(found);
            }
            at = store.next.get().map(Box::as_ref);
        }
        None
    }
}

fn unreachable_document() -> Document {
    Document {
        file: String::new(),
        root: crate::json::Node {
            value: crate::json::NodeValue::Null,
            line: 1,
            column: 1,
        },
    }
}
