//! Names of members whose value is a secret.

/// What the name of a member says about its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing.
    Plain,
    /// It is a secret of this kind, everything below it too.
    Secret(&'static str),
    /// A mix of ids and secrets.
    Credentials,
    /// A list of named secrets.
    SecretList,
    /// `key`, `speechKey`: a secret here, a label there; the value decides.
    Key,
}

/// Longest name that is looked at; longer ones are data used as keys.
const NAME_BYTES: usize = 96;

/// Judges a name, whatever its case and separators: `api-key`, `API_KEY` and `apiKey` are one.
pub(super) fn kind_of(name: &str) -> Kind {
    if name.len() < 3 || name.len() > NAME_BYTES {
        return Kind::Plain;
    }
    let mut buffer = [0_u8; NAME_BYTES];
    let mut length = 0;
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            buffer[length] = byte.to_ascii_lowercase();
            length += 1;
        }
    }
    // Bytes outside ASCII were dropped, so this is text.
    let plain = std::str::from_utf8(&buffer[..length]).unwrap_or_default();
    judge(plain)
}

fn judge(plain: &str) -> Kind {
    match plain {
        "key" => return Kind::Key,
        "keys" | "secrets" => return Kind::SecretList,
        "credentials" | "credential" => return Kind::Credentials,
        _ => {}
    }
    if let Some(kind) = exact(plain) {
        return Kind::Secret(kind);
    }
    // The common case ends here: most names contain none of these.
    if !is_interesting(plain.as_bytes())
        || NOT_SECRET_ENDINGS
            .iter()
            .any(|ending| plain.ends_with(ending))
    {
        return Kind::Plain;
    }
    let plain_password = plain.ends_with("password") || plain.ends_with("clientsecret");
    if (plain.starts_with("keyvault") && !plain_password)
        || plain.starts_with("disable")
        || plain.starts_with("enable")
    {
        return Kind::Plain;
    }
    // `key1`, `accessKey2`, `apiKeyPrimary` end in a number or a rank.
    let stem = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let stem = stem
        .strip_suffix("primary")
        .or_else(|| stem.strip_suffix("secondary"))
        .or_else(|| stem.strip_suffix("value"))
        .unwrap_or(stem);
    if stem == "key" && stem.len() < plain.len() {
        return Kind::Secret("key");
    }
    let known = ENDINGS.iter().find(|(ending, _)| stem.ends_with(ending));
    match known {
        Some((_, kind)) => Kind::Secret(kind),
        None if stem.ends_with("key") => Kind::Key,
        None => Kind::Plain,
    }
}

/// Beginnings of the words that endings are looked for with: password, pwd, secret, key, token,
/// connection string, sas, credential.
fn is_interesting(plain: &[u8]) -> bool {
    plain.windows(3).any(|three| {
        matches!(
            three,
            b"pas" | b"pwd" | b"sec" | b"key" | b"tok" | b"con" | b"sas" | b"cre"
        )
    })
}

/// Names that are secrets as they stand.
fn exact(plain: &str) -> Option<&'static str> {
    Some(match plain {
        "authorization" => "authorization-header",
        "xapikey" => "api-key",
        "xfunctionskey" => "function-key",
        "customdata" => "custom-data",
        "userdata" => "user-data",
        // Metadata of Google Cloud's machines; a script holds what it needs to log in.
        "startupscript"
        | "shutdownscript"
        | "metadatastartupscript"
        | "windowsstartupscriptps1"
        | "windowsstartupscriptcmd"
        | "windowsstartupscriptbat"
        | "kubeenv" => "startup-script",
        "protectedsettings" => "protected-settings",
        "secureobject" => "secure-object",
        "pat" => "personal-access-token",
        "pwd" => "password",
        "sas" | "sharedaccesssignature" => "sas-token",
        "jwt" => "token",
        "securevalue" => "secret",
        "clientkeydata" | "privatekeydata" => "private-key",
        "pfx" | "pfxblob" => "certificate",
        "azurewebjobsstorage" | "azurewebjobsdashboard" => "connection-string",
        "encryptedcredential" | "encryptedcredentials" => "credential",
        _ => return None,
    })
}

/// Endings of names that are secrets, most telling first.
const ENDINGS: &[(&str, &str)] = &[
    ("password", "password"),
    ("passwords", "password"),
    ("passwd", "password"),
    ("passwordorkey", "password"),
    ("passphrase", "password"),
    ("passcode", "password"),
    ("pwd", "password"),
    ("clientsecret", "client-secret"),
    ("secretaccesskey", "aws-secret-key"),
    ("secretkey", "secret"),
    ("secretstring", "secret"),
    ("secrettext", "secret"),
    ("secretvalue", "secret"),
    ("secret", "secret"),
    ("connectionstring", "connection-string"),
    ("connectionstr", "connection-string"),
    ("connstr", "connection-string"),
    ("accountkey", "storage-account-key"),
    ("storagekey", "storage-account-key"),
    ("storageaccesskey", "storage-account-key"),
    ("sharedaccesskey", "shared-access-key"),
    ("sharedkey", "shared-access-key"),
    ("accesskey", "access-key"),
    ("accesskeys", "access-key"),
    ("apikey", "api-key"),
    ("apikeys", "api-key"),
    ("primarykey", "key"),
    ("secondarykey", "key"),
    ("masterkey", "key"),
    ("readonlykey", "key"),
    ("adminkey", "key"),
    ("querykey", "key"),
    ("functionkey", "function-key"),
    ("functionkeys", "function-key"),
    ("hostkey", "function-key"),
    ("systemkey", "function-key"),
    ("subscriptionkey", "api-key"),
    ("authkey", "key"),
    ("authorizationkey", "key"),
    ("signingkey", "key"),
    ("encryptionkey", "key"),
    ("decryptionkey", "key"),
    ("validationkey", "key"),
    ("workspacekey", "key"),
    ("licensekey", "license-key"),
    ("privatekey", "private-key"),
    ("privatekeypem", "private-key"),
    ("sshkey", "private-key"),
    ("openaikey", "api-key"),
    ("searchkey", "api-key"),
    ("cosmoskey", "key"),
    ("token", "token"),
    ("sastoken", "sas-token"),
    ("sasuri", "sas-token"),
    ("sasurl", "sas-token"),
    ("sasuris", "sas-token"),
];

/// Endings that say: this only names, counts or configures a secret.
const NOT_SECRET_ENDINGS: &[&str] = &[
    "nexttoken",
    "pagetoken",
    "skiptoken",
    "continuationtoken",
    "nextpagetoken",
    "csrftoken",
    "publickey",
    "sshpublickey",
    "partitionkey",
    "sortkey",
    "shardkey",
    "routingkey",
    "rowkey",
    "foreignkey",
    "hashkey",
    "rangekey",
    "primarykeyname",
    "assessmentkey",
    "correlationkey",
    "throttlingkey",
    "customermanagedkey",
    "cmkkey",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one() {
        for name in [
            "apiKey",
            "API_KEY",
            "api-key",
            "Api Key",
            "OPENAI_API_KEY",
            "apiKey2",
        ] {
            assert_eq!(kind_of(name), Kind::Secret("api-key"), "{name}");
        }
        for name in [
            "key1",
            "Key2",
            "primaryKey",
            "secondaryMasterKey",
            "adminPassword",
            "clientSecret",
        ] {
            assert!(matches!(kind_of(name), Kind::Secret(_)), "{name}");
        }
    }

    #[test]
    fn names_that_checks_need_stay() {
        for name in [
            "keyName",
            "keyUri",
            "keyVaultUri",
            "keyVersion",
            "keySource",
            "keyVaultSecretId",
            "secretUri",
            "secretName",
            "secretUrl",
            "disableLocalAuth",
            "disablePasswordAuthentication",
            "keyVaultProperties",
            "allowSharedKeyAccess",
            "maxTokens",
            "tokenEndpoint",
            "passwordPolicy",
            "publicKey",
            "keyType",
            "keyPolicy",
            "keyCreationTime",
            "skipToken",
            "accessKeyMetadata",
            "keyVaultKeyUri",
            "keyIdentifier",
            "assessmentKey",
            "id",
            "name",
            "connectionStringName",
        ] {
            assert_eq!(kind_of(name), Kind::Plain, "{name}");
        }
    }
}
