//! Package URLs: `pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH`.
//!
//! Grammar: github.com/package-url/purl-spec.

/// A package URL taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Purl {
    /// `pypi`, `npm`, `maven`, `oci`, lower case.
    pub(crate) kind: String,
    /// Namespace and name joined by a slash, in the spelling that counts for the kind.
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    /// Keys and values, decoded.
    pub(crate) qualifiers: Vec<(String, String)>,
}

const PURL_BYTES: usize = 2048;

impl Purl {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > PURL_BYTES {
            return None;
        }
        let rest = text.trim().strip_prefix("pkg:")?.trim_start_matches('/');
        let rest = rest.split('#').next()?;
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, path) = rest.split_once('/')?;
        // A scope of npm begins with `@`, and may not be encoded.
        let (name, version) = match path
            .rfind('@')
            .filter(|at| *at > 0 && !path[..*at].ends_with('/'))
        {
            Some(at) => (&path[..at], Some(decode(&path[at + 1..]))),
            None => (path, None),
        };
        let kind = kind.to_ascii_lowercase();
        let name = normal_name(&kind, &decode(name.trim_matches('/')));
        let qualifiers = qualifiers
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_ascii_lowercase(), decode(value)));
        (!name.is_empty()).then(|| Self {
            kind,
            name,
            version,
            qualifiers: qualifiers.collect(),
        })
    }

    pub(crate) fn qualifier(&self, key: &str) -> Option<&str> {
        let found = self.qualifiers.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// Names that a registry takes for one become one.
pub(crate) fn normal_name(kind: &str, name: &str) -> String {
    let lower = name.to_lowercase();
    match kind {
        "pypi" => lower.replace(['_', '.'], "-"),
        _ => lower,
    }
}

/// Decodes `%40`.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = pair
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_are_taken_apart() {
        let shown = |text: &str| {
            Purl::parse(text).map_or_else(String::new, |purl| {
                format!(
                    "{} {} {}",
                    purl.kind,
                    purl.name,
                    purl.version.unwrap_or_default()
                )
            })
        };
        assert_eq!(
            shown("pkg:pypi/Azure_AI.Inference@1.0.0b9"),
            "pypi azure-ai-inference 1.0.0b9"
        );
        assert_eq!(
            shown("pkg:npm/%40langchain/core@0.3.1"),
            "npm @langchain/core 0.3.1"
        );
        assert_eq!(shown("pkg:npm/@langchain/core"), "npm @langchain/core ");
        assert_eq!(
            shown("pkg:maven/dev.langchain4j/langchain4j@1.0?type=jar"),
            "maven dev.langchain4j/langchain4j 1.0"
        );
        assert_eq!(
            shown("pkg:golang/google.golang.org/genai@v1.2.3#x"),
            "golang google.golang.org/genai v1.2.3"
        );
        assert_eq!(shown("not a purl"), "");
        let oci = Purl::parse(
            "pkg:oci/agent@sha256%3Aab?repository_url=contoso.azurecr.io/apps/agent&tag=1",
        );
        let oci = oci.unwrap_or_default();
        assert_eq!(
            oci.qualifier("repository_url"),
            Some("contoso.azurecr.io/apps/agent")
        );
        assert_eq!(oci.version.as_deref(), Some("sha256:ab"));
    }
}
