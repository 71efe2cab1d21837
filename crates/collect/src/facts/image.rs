//! References to container images: `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`.
//!
//! Grammar: github.com/distribution/reference.

use serde_json::{Map, Value, json};
use stance_model::Cloud;

/// A container image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Image {
    /// As it was written, the digest added where the source has one.
    pub(crate) reference: String,
    /// Registry and repository, lower case; Docker Hub is spelt out.
    pub(crate) repository: String,
    pub(crate) tag: Option<String>,
    /// `sha256:…`.
    pub(crate) digest: Option<String>,
}

const REFERENCE_BYTES: usize = 1024;

impl Image {
    /// Reads a reference; `None` where the text cannot be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("docker://").unwrap_or(text);
        let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '"' | '\'');
        if text.is_empty()
            || text.len() > REFERENCE_BYTES
            || text.contains(odd)
            || text.starts_with(['/', '.'])
        {
            return None;
        }
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (
                named,
                Some(digest.to_owned()).filter(|digest| is_digest(digest)),
            ),
            None => (text, None),
        };
        let last = named.rfind('/').map_or(0, |at| at + 1);
        let (repository, tag) = match named[last..].find(':') {
            Some(at) => (&named[..last + at], Some(named[last + at + 1..].to_owned())),
            None => (named, None),
        };
        if repository.is_empty() || repository.ends_with('/') {
            return None;
        }
        Some(Self {
            reference: text.to_owned(),
            repository: spelt_out(&repository.to_lowercase()),
            tag: tag.filter(|tag| !tag.is_empty()),
            digest,
        })
    }

    /// The same with a digest from elsewhere, unless it has one.
    pub(crate) fn with_digest(mut self, digest: Option<&str>) -> Self {
        let digest = digest.map(str::trim).filter(|digest| is_digest(digest));
        if let (None, Some(digest)) = (&self.digest, digest) {
            self.reference = format!("{}@{digest}", self.reference);
            self.digest = Some(digest.to_owned());
        }
        self
    }

    /// Cloud and account that the registry belongs to.
    pub(crate) fn home(&self) -> (Cloud, Option<String>) {
        let (registry, path) = self
            .repository
            .split_once('/')
            .unwrap_or((&self.repository, ""));
        if registry.contains(".dkr.ecr") {
            let account = registry
                .split('.')
                .next()
                .filter(|account| account.len() == 12);
            return (Cloud::Aws, account.map(str::to_owned));
        }
        if registry.ends_with("-docker.pkg.dev")
            || registry == "gcr.io"
            || registry.ends_with(".gcr.io")
        {
            let project = path.split('/').next().filter(|project| !project.is_empty());
            return (Cloud::Gcp, project.map(str::to_owned));
        }
        (Cloud::Azure, None)
    }

    /// Members by which it is joined to the resources that run it.
    pub(crate) fn members(&self, properties: &mut Map<String, Value>) {
        properties.insert("image".to_owned(), json!(self.reference));
        properties.insert("imageRepository".to_owned(), json!(self.repository));
        if let Some(tag) = &self.tag {
            properties.insert("imageTag".to_owned(), json!(tag));
        }
        if let Some(digest) = &self.digest {
            properties.insert("imageDigest".to_owned(), json!(digest));
        }
    }
}

pub(crate) fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, digits)| {
        algorithm.starts_with("sha")
            && digits.len() >= 32
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Docker Hub's images name neither registry nor, where they are official, their owner.
fn spelt_out(repository: &str) -> String {
    let registry = repository.split('/').next().unwrap_or_default();
    let named =
        repository.contains('/') && (registry.contains(['.', ':']) || registry == "localhost");
    match (named, repository.contains('/')) {
        (true, _) => repository.to_owned(),
        (false, true) => format!("docker.io/{repository}"),
        (false, false) => format!("docker.io/library/{repository}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let image = Image::parse(&format!("registry.example:5000/apps/Agent:1.2@{digest}"))
            .unwrap_or_default();
        assert_eq!(image.repository, "registry.example:5000/apps/agent");
        assert_eq!(image.tag.as_deref(), Some("1.2"));
        assert_eq!(image.digest, Some(digest));
        assert_eq!(
            Image::parse("alpine:3")
                .map(|image| image.repository)
                .as_deref(),
            Some("docker.io/library/alpine")
        );
        assert_eq!(Image::parse("/tmp/folder"), None);
        assert_eq!(Image::parse("two words"), None);
        assert_eq!(Image::parse("x/"), None);
    }

    #[test]
    fn registries_say_whose_they_are() {
        let home = |text: &str| Image::parse(text).unwrap_or_default().home();
        assert_eq!(
            home("123456789012.dkr.ecr.eu-west-1.amazonaws.com/agent:1"),
            (Cloud::Aws, Some("123456789012".to_owned()))
        );
        assert_eq!(
            home("europe-docker.pkg.dev/contoso-ai/apps/agent"),
            (Cloud::Gcp, Some("contoso-ai".to_owned()))
        );
        assert_eq!(home("contoso.azurecr.io/agent"), (Cloud::Azure, None));
    }
}
