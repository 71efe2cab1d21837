//! Aliases: the names that policies use for paths in a resource.
//!
//! Three sources, later ones win per alias: the small table and the data-plane manifest that are built in
//! (`content/aliases`), then files the user gives (`--aliases`), in the shape that Azure itself answers with to
//! `GET /providers?$expand=resourceTypes/aliases`, or data policy manifests. An alias that no source knows is
//! an error of the definition that uses it: guessing its path is wrong for about one in six.

mod cache;
mod catalogue;
mod document;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use stance_base::hex;
use tracing::{debug, warn};

use crate::error::PolicyError;
use crate::text;

pub(crate) use catalogue::Catalogue;
pub(crate) use document::AliasRecord;

/// The largest alias file read, packed or unpacked: Azure's whole answer is about 60 MB with all versions.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Documents smaller than this are parsed faster than a cache file is opened.
const CACHE_FROM_BYTES: usize = 64 * 1024;

const AZURE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/aliases/azure.json"
));
const DATA_PLANE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/aliases/data-plane.json"
));

/// Where aliases come from. Nothing is parsed until it is known which aliases the definitions need.
#[derive(Debug, Clone)]
pub struct AliasSources {
    documents: Vec<Document>,
    cache_folder: Option<PathBuf>,
}

#[derive(Debug, Clone)]
struct Document {
    label: String,
    bytes: Vec<u8>,
    hash: String,
}

impl Default for AliasSources {
    fn default() -> Self {
        Self::embedded()
    }
}

impl AliasSources {
    /// The built-in table and data-plane manifest.
    pub fn embedded() -> Self {
        let mut sources = Self {
            documents: Vec::new(),
            cache_folder: None,
        };
        sources.add_bytes("content/aliases/azure.json", AZURE.as_bytes().to_vec());
        sources.add_bytes(
            "content/aliases/data-plane.json",
            DATA_PLANE.as_bytes().to_vec(),
        );
        sources
    }

    /// Keeps the aliases that were needed in this folder, keyed by the content of the sources, so that a large
    /// file is parsed once. The folder is made where it is missing.
    #[must_use]
    pub fn with_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache_folder = Some(folder.into());
        self
    }

    /// Adds a file, plain or gzip.
    pub fn add_file(&mut self, path: &Path) -> Result<(), PolicyError> {
        let bytes = text::read_file(path, MAX_BYTES)?;
        self.add_bytes(&path.display().to_string(), bytes);
        Ok(())
    }

    /// Adds the bytes of a document, plain or gzip; `label` names it in messages.
    pub fn add_bytes(&mut self, label: &str, bytes: Vec<u8>) {
        let hash = hex::encode(&Sha256::digest(&bytes));
        self.documents.push(Document {
            label: label.to_owned(),
            bytes,
            hash,
        });
    }

    /// The catalogue of the needed aliases (lower case). Needed names no source knows are left out.
    pub(crate) fn catalogue(&self, needed: &BTreeSet<String>) -> Result<Catalogue, PolicyError> {
        Ok(Catalogue::new(self.records(needed)?))
    }

    fn records(&self, needed: &BTreeSet<String>) -> Result<Vec<AliasRecord>, PolicyError> {
        let size: usize = self
            .documents
            .iter()
            .map(|document| document.bytes.len())
            .sum();
        let file = self
            .cache_folder
            .as_ref()
            .filter(|_| size >= CACHE_FROM_BYTES)
            .map(|folder| folder.join(format!("aliases-{}.json", self.key(needed))));
        if let Some(file) = &file
            && let Some(records) = cache::load(file)
        {
            debug!(file = %file.display(), records = records.len(), "aliases from the cache");
            return Ok(records);
        }
        let mut records = Vec::new();
        for document in &self.documents {
            records.extend(document.parse(needed)?);
        }
        if let Some(file) = &file
            && let Err(error) = cache::store(file, &records)
        {
            warn!(%error, "the alias cache was not written");
        }
        Ok(records)
    }

    fn key(&self, needed: &BTreeSet<String>) -> String {
        let mut digest = Sha256::new();
        for document in &self.documents {
            digest.update(document.hash.as_bytes());
            digest.update(b"\n");
        }
        for name in needed {
            digest.update(name.as_bytes());
            digest.update(b"\n");
        }
        hex::encode(&digest.finalize())
    }
}

impl Document {
    fn parse(&self, needed: &BTreeSet<String>) -> Result<Vec<AliasRecord>, PolicyError> {
        let bytes = text::unpack(&self.label, &self.bytes, MAX_BYTES)?;
        let malformed = |message: String| PolicyError::Malformed {
            path: self.label.clone(),
            message,
        };
        let text = text::decode(&bytes)
            .ok_or_else(|| malformed("it is neither UTF-8 nor UTF-16 text".to_owned()))?;
        document::parse(&text, needed).map_err(|error| {
            malformed(format!(
                "{error}; expected what `az provider list --expand resourceTypes/aliases` prints"
            ))
        })
    }
}
