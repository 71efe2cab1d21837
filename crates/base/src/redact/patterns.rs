//! Texts that look like secrets, wherever they stand.
//!
//! Shapes are those the issuers publish, or that public scanners (gitleaks, detect-secrets,
//! microsoft/security-utilities) agree on.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::MARK;

/// Shorter texts hold no secret that could be told by its looks.
const SHORTEST: usize = 12;

struct Pattern {
    kind: &'static str,
    /// Group `s` is what is taken out.
    regex: Regex,
}

/// Kind and shape. Group `s` is the secret; what stands around it stays.
const SHAPES: &[(&str, &str)] = &[
    (
        "private-key",
        r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?P<s>.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)",
    ),
    (
        "storage-account-key",
        r"(?i)AccountKey\s*=\s*(?P<s>[^;\s,'\x22]+)",
    ),
    (
        "shared-access-key",
        r"(?i)SharedAccessKey\s*=\s*(?P<s>[^;\s,'\x22]+)",
    ),
    (
        "shared-access-key",
        r"(?i)SharedSecret(?:Value|Key)?\s*=\s*(?P<s>[^;\s,'\x22]+)",
    ),
    ("access-key", r"(?i)\bAccessKey\s*=\s*(?P<s>[^;\s,'\x22]+)"),
    (
        "sas-token",
        r"(?i)SharedAccessSignature\s*=\s*(?P<s>[^;\s,'\x22]+)",
    ),
    ("sas-token", r"(?i)\bsig=(?P<s>[A-Za-z0-9%/+_=-]{10,})"),
    (
        "function-key",
        r"(?i)[?&](?:code|subscription-key|api[_-]?key|access_token)=(?P<s>[A-Za-z0-9%/+_=.~-]{16,})",
    ),
    (
        "instrumentation-key",
        r"(?i)InstrumentationKey\s*=\s*(?P<s>[0-9a-f-]{32,36})",
    ),
    (
        "password",
        r"(?i)(?:password|passwd|\bpwd)\s*=\s*(?P<s>'[^']*'|\x22[^\x22]*\x22|[^;\s&'\x22]+)",
    ),
    (
        "password",
        r"(?i)(?:--?(?:password|passwd|adminPassword)|/p:password)[ =](?P<s>[^\s;'\x22]+)",
    ),
    (
        "client-secret",
        r"(?i)client_?secret\s*[=:]\s*['\x22]?(?P<s>[^;\s&'\x22,}]{8,})",
    ),
    (
        "url-password",
        r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\x22?#]*:(?P<s>[^\s/@'\x22?#]+)@",
    ),
    (
        "authorization-header",
        r"(?i)\bbearer\s+(?P<s>[A-Za-z0-9._~+/=-]{12,})",
    ),
    (
        "authorization-header",
        r"(?i)\bbasic\s+(?P<s>[A-Za-z0-9+/]{12,}={0,2})(?:[\s'\x22,;]|$)",
    ),
    (
        "token",
        r"\b(?P<s>eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?)",
    ),
    (
        "azure-key",
        r"(?P<s>[A-Za-z0-9+/_-]{40,60}JQQJ9[9D][A-Za-z0-9+/_=-]{10,40})",
    ),
    (
        "azure-search-key",
        r"\b(?P<s>[A-Za-z0-9]{42}AzSe[A-Z][A-Za-z0-9]{5})\b",
    ),
    (
        "function-key",
        r"(?P<s>[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==)",
    ),
    (
        "azure-key",
        r"(?:^|[^A-Za-z0-9+/])(?P<s>[A-Za-z0-9+/]{86}==)",
    ),
    (
        "entra-client-secret",
        r"(?:^|[^A-Za-z0-9_.~-])(?P<s>[A-Za-z0-9_.~-]{3}[0-9]Q~[A-Za-z0-9_.~-]{31,34})",
    ),
    (
        "api-key",
        r"(?i)(?:api[-_ ]?key|subscription[-_]key|\bkey[12]?)['\x22]?\s*[:=]\s*['\x22]?(?P<s>[0-9a-f]{32}|[A-Za-z0-9_-]{20,}|[A-Za-z0-9+/]{43}=)(?:[^A-Za-z0-9]|$)",
    ),
    (
        "aws-access-key",
        r"\b(?P<s>(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})\b",
    ),
    (
        "aws-secret-key",
        r"(?i)aws.{0,30}(?:secret|sk).{0,30}?[=:\s'\x22]+(?P<s>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+]|$)",
    ),
    (
        "aws-secret-key",
        r"(?i)secret_?access_?key['\x22]?\s*[=:]\s*['\x22]?(?P<s>[A-Za-z0-9/+]{40})",
    ),
    ("github-token", r"\b(?P<s>gh[pousr]_[A-Za-z0-9]{30,255})"),
    ("github-token", r"\b(?P<s>github_pat_[A-Za-z0-9_]{22,255})"),
    ("gitlab-token", r"\b(?P<s>glpat-[A-Za-z0-9_-]{20,})"),
    ("slack-token", r"\b(?P<s>xox[abeoprs]-[A-Za-z0-9-]{10,})"),
    (
        "slack-webhook",
        r"hooks\.slack\.com/(?:services|workflows)/(?P<s>[A-Za-z0-9/_-]{20,})",
    ),
    (
        "teams-webhook",
        r"(?i)webhook\.office\.com/webhookb2/[^\s'\x22]*?/IncomingWebhook/(?P<s>[A-Za-z0-9/-]{20,})",
    ),
    ("anthropic-key", r"\b(?P<s>sk-ant-[A-Za-z0-9_-]{20,})"),
    (
        "openai-key",
        r"\b(?P<s>sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,})",
    ),
    ("google-api-key", r"\b(?P<s>AIza[A-Za-z0-9_-]{35})"),
    ("google-oauth-secret", r"\b(?P<s>GOCSPX-[A-Za-z0-9_-]{20,})"),
    ("google-token", r"\b(?P<s>ya29\.[A-Za-z0-9_-]{20,})"),
    (
        "hugging-face-token",
        r"\b(?P<s>(?:hf|api_org)_[A-Za-z0-9]{30,})",
    ),
    ("npm-token", r"\b(?P<s>npm_[A-Za-z0-9]{36})"),
    ("pypi-token", r"\b(?P<s>pypi-[A-Za-z0-9_-]{16,})"),
    ("databricks-token", r"\b(?P<s>dapi[0-9a-f]{32}(?:-[0-9])?)"),
    (
        "sendgrid-key",
        r"\b(?P<s>SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})",
    ),
    (
        "stripe-key",
        r"\b(?P<s>(?:sk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{20,})",
    ),
    ("twilio-key", r"\b(?P<s>SK[0-9a-f]{32})\b"),
    ("vault-token", r"\b(?P<s>hv[sb]\.[A-Za-z0-9_-]{20,})"),
    ("docker-token", r"\b(?P<s>dckr_pat_[A-Za-z0-9_-]{20,})"),
    ("groq-key", r"\b(?P<s>gsk_[A-Za-z0-9]{40,})"),
    (
        "azure-devops-token",
        r"\b(?P<s>[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4})\b",
    ),
    (
        "secret",
        r#"(?i)\\?["'][a-z0-9_.-]*(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|token|connection[_-]?string)\\?["']\s*:\s*\\?["'](?P<s>[^"'\\]{4,})"#,
    ),
    (
        "secret",
        r"(?im)^[ \t-]*(?:export[ \t]+|set[ \t]+)?[a-z0-9_.-]*(?:password|passwd|secret|api[_-]?key|access[_-]?key|account[_-]?key|token)[ \t]*[:=][ \t]*['\x22]?(?P<s>[^\s'\x22]{6,})",
    ),
    (
        "secret",
        r"(?i)(?:^|[;,\s])secret\s*=\s*(?P<s>[^;\s'\x22]{8,})",
    ),
    (
        "private-key",
        r"(?i)client-key-data:\s*(?P<s>[A-Za-z0-9+/=]{20,})",
    ),
    (
        "telegram-token",
        r"\b(?P<s>[0-9]{8,10}:AA[A-Za-z0-9_-]{33})",
    ),
    (
        "vendor-token",
        r"\b(?P<s>(?:r8_|pcsk_|lsv2_(?:pt|sk)_|tvly-|pplx-|xai-|dop_v1_|glsa_|shpat_|NRAK-|lin_api_|ntn_|fw_|figd_|sntrys_|PMAK-|rubygems_|AGE-SECRET-KEY-|ATATT3)[A-Za-z0-9_=-]{20,})",
    ),
    (
        "terraform-token",
        r"(?P<s>[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,})",
    ),
];

/// Pieces one of which every shape contains, so that most texts are passed over at once.
const TRIGGERS: &str = concat!(
    r"(?i:key\s*=|key['\x22]?\s*[:=]|key[12]['\x22]?\s*[:=]|secret|sig=|code=|access_token=|signature\s*=|password|passwd|pwd\s*=|bearer\s|basic\s|token\W{0,3}[:=]|connection_?string)",
    r"|://[^\s/@]*:[^\s/@]*@|-----BEGIN|eyJ|JQQJ9|AzSe|AzFu|==|Q~|AKIA|ASIA|ABIA|ACCA|(?i:aws)",
    r"|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|hooks\.slack|webhook\.office|sk-|AIza|GOCSPX-|ya29\.",
    r"|hf_|api_org_|npm_|pypi-|dapi|SG\.|sk_|rk_|whsec_|SK[0-9a-f]|hv[sb]\.|dckr_pat_|gsk_|AZDO|:AA|client-key-data|atlasv1",
    r"|r8_|pcsk_|lsv2_|tvly-|pplx-|xai-|dop_v1_|glsa_|shpat_|NRAK-|lin_api_|ntn_|fw_|figd_|sntrys_|PMAK-|rubygems_|AGE-SECRET|ATATT3",
);

static TRIGGER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(TRIGGERS).ok());

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    SHAPES
        .iter()
        .filter_map(|(kind, shape)| {
            let regex = Regex::new(shape).ok()?;
            Some(Pattern { kind, regex })
        })
        .collect()
});

/// Replaces every secret in `text`.
pub(super) fn apply(text: &str) -> Cow<'_, str> {
    if text.len() < SHORTEST
        || !TRIGGER
            .as_ref()
            .is_none_or(|trigger| trigger.is_match(text))
    {
        return Cow::Borrowed(text);
    }
    let mut current = Cow::Borrowed(text);
    for pattern in PATTERNS.iter() {
        if let Cow::Owned(changed) = replace(pattern, &current) {
            current = Cow::Owned(changed);
        }
    }
    current
}

fn replace<'t>(pattern: &Pattern, text: &'t str) -> Cow<'t, str> {
    let mut changed = false;
    let replaced = pattern.regex.replace_all(text, |found: &Captures<'_>| {
        let whole = &found[0];
        let Some(secret) = found.name("s") else {
            return whole.to_owned();
        };
        if is_reference(secret.as_str()) {
            return whole.to_owned();
        }
        changed = true;
        let start = secret.start() - found.get(0).map_or(0, |all| all.start());
        let end = start + secret.len();
        format!(
            "{}{MARK}:{}***{}",
            &whole[..start],
            pattern.kind,
            &whole[end..]
        )
    });
    match (changed, replaced) {
        (true, Cow::Owned(text)) => Cow::Owned(text),
        _ => Cow::Borrowed(text),
    }
}

/// Already replaced, or a place holder that is filled in elsewhere.
fn is_reference(secret: &str) -> bool {
    let secret = secret.trim_start_matches(['\'', '"', ' ', '\n', '\r']);
    secret.is_empty()
        || secret.starts_with(MARK)
        || secret.starts_with("***")
        || secret.starts_with("${")
        || secret.starts_with("{{")
        || secret.starts_with("$(")
        || secret.starts_with("@Microsoft.KeyVault(")
        || (secret.starts_with('<') && secret.ends_with('>'))
        || (secret.starts_with('{') && secret.ends_with('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_a_regular_expression() {
        assert_eq!(PATTERNS.len(), SHAPES.len());
        assert!(TRIGGER.is_some());
    }
}
