//! Functions one by one: what the reference pages promise, and what stays unknown.

use serde_json::{Value, json};
use stance_collect::arm_template::Target;

use super::support::{document, evaluate, known_target, with_properties};

/// The value of an expression with everything known of the target; `None` where it is unknown.
fn value(expression: &str) -> Option<Value> {
    let properties = json!({ "x": expression }).to_string();
    let read = evaluate(&with_properties(&properties), None, &known_target());
    let resource = &read.resources[0];
    match resource.unknown_at("/properties/x") {
        Some(_) => None,
        None => Some(resource.body["properties"]["x"].clone()),
    }
}

fn known(table: &[(&str, Value)]) {
    for (expression, expected) in table {
        let found = value(&format!("[{expression}]"));
        assert_eq!(found.as_ref(), Some(expected), "{expression}");
    }
}

fn unknown(expressions: &[&str]) {
    for expression in expressions {
        assert_eq!(value(&format!("[{expression}]")), None, "{expression}");
    }
}

fn fault(expressions: &[(&str, &str)]) {
    for (expression, code) in expressions {
        let properties = json!({ "x": format!("[{expression}]") }).to_string();
        let read = evaluate(&with_properties(&properties), None, &known_target());
        let codes: Vec<_> = read
            .diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code.as_str())
            .collect();
        assert_eq!(codes, [*code], "{expression}: {:?}", read.diagnostics);
        assert_eq!(read.resources[0].unknowns.len(), 1, "{expression}");
    }
}

#[test]
fn arrays() {
    known(&[
        ("array('a')", json!(["a"])),
        ("array(createArray(1))", json!([1])),
        ("concat('a', 1, true())", json!("a1True")),
        (
            "concat(createArray(1), createArray(2, 3))",
            json!([1, 2, 3]),
        ),
        ("contains('OneTwoThree', 'Two')", json!(true)),
        ("contains('OneTwoThree', 'two')", json!(false)),
        ("contains(createObject('One', 1), 'one')", json!(true)),
        ("contains(createArray('one', 'two'), 'two')", json!(true)),
        ("createArray()", json!([])),
        (
            "createArray('a', 1, createObject('k', null()))",
            json!(["a", 1, {"k": null}]),
        ),
        ("empty('')", json!(true)),
        ("empty(createArray())", json!(true)),
        ("empty(createObject())", json!(true)),
        ("empty(null())", json!(true)),
        ("empty('x')", json!(false)),
        ("first(createArray('one', 'two'))", json!("one")),
        ("first('One Two')", json!("O")),
        ("first(createArray())", json!(null)),
        ("last(createArray('one', 'two'))", json!("two")),
        ("last('One Two')", json!("o")),
        (
            "flatten(createArray(createArray(1), createArray(2, createArray(3))))",
            json!([1, 2, [3]]),
        ),
        ("indexFromEnd(createArray(1, 2, 3), 1)", json!(3)),
        ("tryIndexFromEnd(createArray(1, 2, 3), 4)", json!(null)),
        ("indexOf(createArray('a', 'b', 'a'), 'a')", json!(0)),
        ("lastIndexOf(createArray('a', 'b', 'a'), 'a')", json!(2)),
        (
            "intersection(createArray('a', 'b'), createArray('b', 'c'))",
            json!(["b"]),
        ),
        (
            "intersection(json('{\"one\":\"a\",\"two\":\"b\"}'), json('{\"one\":\"a\",\"two\":\"z\"}'))",
            json!({"one": "a"}),
        ),
        ("length('One Two')", json!(7)),
        ("length(createArray(1, 2))", json!(2)),
        ("length(createObject('a', 1))", json!(1)),
        ("min(0, 3, 2)", json!(0)),
        ("min(createArray(4, 3))", json!(3)),
        ("max(createArray(0, 3, 2))", json!(3)),
        ("range(5, 3)", json!([5, 6, 7])),
        ("range(1, 0)", json!([])),
        ("skip(createArray(1, 2, 3), 2)", json!([3])),
        ("skip('one two', 4)", json!("two")),
        ("take(createArray(1, 2, 3), 2)", json!([1, 2])),
        ("take('one two', 3)", json!("one")),
        ("take('one', -1)", json!("")),
        ("take('one', 10)", json!("one")),
        (
            "union(createArray(1, 2), createArray(2, 3))",
            json!([1, 2, 3]),
        ),
    ]);
}

#[test]
fn objects() {
    known(&[
        (
            "createObject('a', 1, 'b', createArray())",
            json!({"a": 1, "b": []}),
        ),
        ("createObject('Key', 1).kEY", json!(1)),
        (
            "createObject('a', createObject('b-c', 2)).a['b-c']",
            json!(2),
        ),
        (
            "items(createObject('b', 1, 'a', 2))",
            json!([{"key": "a", "value": 2}, {"key": "b", "value": 1}]),
        ),
        (
            "objectKeys(createObject('b', 1, 'a', 2))",
            json!(["b", "a"]),
        ),
        (
            "shallowMerge(createArray(createObject('a', createObject('x', 1)), createObject('A', createObject('y', 2))))",
            json!({"a": {"y": 2}}),
        ),
        (
            "union(createObject('a', createObject('x', 1), 'l', createArray(1)), createObject('a', createObject('y', 2), 'l', createArray(2)))",
            json!({"a": {"x": 1, "y": 2}, "l": [2]}),
        ),
        (
            "json('{\"a\": [1, 2.5, null, true]}')",
            json!({"a": [1, 2.5, null, true]}),
        ),
        ("json('null')", json!(null)),
        (
            "tryGet(createObject('a', createArray(createObject('b', 7))), 'a', 0, 'b')",
            json!(7),
        ),
        ("tryGet(createObject('a', 1), 'c', 'd')", json!(null)),
        ("createObject('a', 1).?b", json!(null)),
        ("createObject('a', 1).?b.?c", json!(null)),
        ("createObject('a', 1)?.b", json!(null)),
        ("createArray(1)[?4]", json!(null)),
        (
            "coalesce(null(), createObject('a', null()).a, 'x', 'y')",
            json!("x"),
        ),
        ("coalesce(null(), null())", json!(null)),
    ]);
}

#[test]
fn comparison_and_logic() {
    known(&[
        ("equals(1, 1)", json!(true)),
        ("equals('a', 'A')", json!(false)),
        (
            "equals(createArray(1, 'b'), createArray(1, 'b'))",
            json!(true),
        ),
        (
            "equals(createObject('a', 1, 'b', 2), createObject('b', 2, 'a', 1))",
            json!(true),
        ),
        ("equals('1', 1)", json!(false)),
        ("equals(null(), json('null'))", json!(true)),
        ("less(1, 2)", json!(true)),
        ("less('a', 'b')", json!(true)),
        ("lessOrEquals(2, 2)", json!(true)),
        ("greater(2, 1)", json!(true)),
        ("greaterOrEquals(1, 2)", json!(false)),
        ("and(true(), bool('true'), equals(1, 1))", json!(true)),
        ("and(true(), false())", json!(false)),
        ("or(false(), true())", json!(true)),
        ("not(false())", json!(true)),
        ("if(equals(1, 2), div(1, 0), 'other')", json!("other")),
        ("bool(1)", json!(true)),
        ("bool('False')", json!(false)),
        ("true", json!(true)),
    ]);
    // What is decided does not wait for what is unknown.
    known(&[
        (
            "and(equals(parameters('open'), 'a'), false())",
            json!(false),
        ),
        ("or(equals(parameters('open'), 'a'), true())", json!(true)),
        (
            "if(equals(parameters('open'), 'a'), 'same', 'same')",
            json!("same"),
        ),
        (
            "equals(parameters('open'), parameters('open'))",
            json!(true),
        ),
        (
            "equals(concat('oai-', parameters('open')), 'kv-1')",
            json!(false),
        ),
        (
            "startsWith(concat('oai-', parameters('open')), 'OAI')",
            json!(true),
        ),
        (
            "startsWith(concat('oai-', parameters('open')), 'kv')",
            json!(false),
        ),
        (
            "endsWith(concat(parameters('open'), '-x'), '-X')",
            json!(true),
        ),
        (
            "contains(concat('oai-', parameters('open')), 'oai')",
            json!(true),
        ),
        ("empty(concat('oai-', parameters('open')))", json!(false)),
        ("take(concat('oai-', parameters('open')), 3)", json!("oai")),
        ("length(uniqueString(parameters('open')))", json!(13)),
    ]);
    unknown(&[
        "equals(parameters('open'), 'a')",
        "and(true(), equals(parameters('open'), 'a'))",
        "not(equals(parameters('open'), 'a'))",
        "if(equals(parameters('open'), 'a'), 'one', 'other')",
        "startsWith(concat('oai-', parameters('open')), 'oai-x')",
        "contains(concat('oai-', parameters('open')), 'x')",
        "coalesce(parameters('open'), 'x')",
        "empty(parameters('open'))",
        "length(parameters('list'))",
    ]);
}

#[test]
fn numbers() {
    known(&[
        ("add(5, 3)", json!(8)),
        ("sub(5, 7)", json!(-2)),
        ("mul(5, 3)", json!(15)),
        ("div(8, 3)", json!(2)),
        ("mod(7, 3)", json!(1)),
        ("int('42')", json!(42)),
        ("int(-7)", json!(-7)),
        ("float('3.5')", json!(3.5)),
        ("float(2)", json!(2.0)),
        ("9223372036854775807", json!(9_223_372_036_854_775_807_i64)),
        ("min(-1, 1)", json!(-1)),
    ]);
    fault(&[
        ("add(9223372036854775807, 1)", "ARM0004"),
        ("div(1, 0)", "ARM0004"),
        ("mod(1, 0)", "ARM0004"),
        ("int('x')", "ARM0004"),
        ("min(createArray())", "ARM0004"),
        ("range(0, 10001)", "ARM0004"),
    ]);
}

#[test]
fn texts() {
    known(&[
        ("base64('one, two, three')", json!("b25lLCB0d28sIHRocmVl")),
        (
            "base64ToString('b25lLCB0d28sIHRocmVl')",
            json!("one, two, three"),
        ),
        (
            "base64ToJson(base64('{\"one\": \"a\"}'))",
            json!({"one": "a"}),
        ),
        (
            "dataUri('Hello')",
            json!("data:text/plain;charset=utf8;base64,SGVsbG8="),
        ),
        (
            "dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')",
            json!("Hello, World!"),
        ),
        ("endsWith('abcdef', 'EF')", json!(true)),
        ("startsWith('abcdef', 'AB')", json!(true)),
        (
            "format('{0}, {1}. Formatted number: {2:N0}', 'Hello', 'User', 8175133)",
            json!("Hello, User. Formatted number: 8,175,133"),
        ),
        (
            "format('{{{0}}} {0,4}|{0,-4}|{1:D3}|{1:X2}|{1:000}', 'a', 10)",
            json!("{a}    a|a   |010|0A|010"),
        ),
        ("indexOf('test', 't')", json!(0)),
        ("indexOf('abcdef', 'CD')", json!(2)),
        ("lastIndexOf('test', 't')", json!(3)),
        ("indexOf('abcdef', 'z')", json!(-1)),
        ("join(createArray('one', 'two'), '-')", json!("one-two")),
        ("padLeft('123', 10, '0')", json!("0000000123")),
        ("padLeft(7, 3, '0')", json!("007")),
        ("replace('123-123-1234', '-', '')", json!("1231231234")),
        (
            "split('one,two;three', createArray(',', ';'))",
            json!(["one", "two", "three"]),
        ),
        ("split('a,b', ',')", json!(["a", "b"])),
        (
            "string(createObject('a', createArray(1, 'b', true(), null())))",
            json!("{\"a\":[1,\"b\",true,null]}"),
        ),
        ("string(5)", json!("5")),
        ("string(true())", json!("True")),
        ("substring('one two three', 4, 3)", json!("two")),
        ("substring('one two three', 8)", json!("three")),
        ("toLower('ABC')", json!("abc")),
        ("toUpper('abc')", json!("ABC")),
        ("trim('  a b ')", json!("a b")),
        (
            "uri('http://contoso.org/firstpath', 'myscript.sh')",
            json!("http://contoso.org/myscript.sh"),
        ),
        (
            "uri('http://contoso.org/firstpath/', 'myscript.sh')",
            json!("http://contoso.org/firstpath/myscript.sh"),
        ),
        (
            "uri('http://contoso.org/firstpath/azuredeploy.json', 'myscript.sh')",
            json!("http://contoso.org/firstpath/myscript.sh"),
        ),
        (
            "uri('http://contoso.org/firstpath/', '/myscript.sh')",
            json!("http://contoso.org/firstpath/myscript.sh"),
        ),
        (
            "uriComponent('http://contoso.com/resources/nested/azuredeploy.json')",
            json!("http%3A%2F%2Fcontoso.com%2Fresources%2Fnested%2Fazuredeploy.json"),
        ),
        (
            "uriComponentToString('http%3A%2F%2Fcontoso.com')",
            json!("http://contoso.com"),
        ),
        (
            "parseUri('https://contoso.com:8443/a/b?c=d').host",
            json!("contoso.com"),
        ),
        (
            "buildUri(parseUri('https://contoso.com:8443/a/b?c=d'))",
            json!("https://contoso.com:8443/a/b?c=d"),
        ),
        ("'it''s [quoted]'", json!("it's [quoted]")),
    ]);
    fault(&[
        ("substring('abc', 2, 5)", "ARM0004"),
        ("format('{1}', 'a')", "ARM0004"),
        ("json('{')", "ARM0004"),
    ]);
}

/// Values that Azure gave for the same arguments, published by several implementers.
#[test]
fn hashes_are_those_of_azure() {
    known(&[
        ("uniqueString('test')", json!("rbgf3xv4ufgzg")),
        ("uniqueString('hello', 'world')", json!("a7wkljktk6wne")),
        ("uniqueString('abc')", json!("cgtzqvhu4i23s")),
        (
            "uniqueString('/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-rg')",
            json!("bmg7c6xu4tw46"),
        ),
        ("uniqueString('foo', 'bar', 'baz')", json!("xzi4ioaxtmth4")),
        ("equals(guid('a', 'b'), guid('a-b'))", json!(true)),
        ("length(guid('a'))", json!(36)),
        ("substring(guid('a'), 14, 1)", json!("5")),
    ]);
}

#[test]
fn dates() {
    known(&[
        (
            "dateTimeFromEpoch(1683040573)",
            json!("2023-05-02T15:16:13Z"),
        ),
        (
            "dateTimeToEpoch('2023-05-02T15:16:13Z')",
            json!(1_683_040_573),
        ),
        (
            "dateTimeAdd('2020-04-07 14:53:14Z', 'P3Y')",
            json!("4/7/2023 2:53:14 PM"),
        ),
        (
            "dateTimeAdd('2020-04-07 14:53:14Z', '-P9D')",
            json!("3/29/2020 2:53:14 PM"),
        ),
        (
            "dateTimeAdd('2020-04-07 14:53:14Z', 'PT1H')",
            json!("4/7/2020 3:53:14 PM"),
        ),
        (
            "dateTimeAdd('20200407T145314Z', 'P1M', 'yyyy-MM-dd')",
            json!("2020-05-07"),
        ),
        ("utcNow()", json!("20260202T024000Z")),
        ("utcNow('d')", json!("02/02/2026")),
        ("utcNow('M d')", json!("2 2")),
        ("utcNow('u')", json!("2026-02-02 02:40:00Z")),
        (
            "utcNow('yyyy-MM-ddTHH:mm:ss.fffZ')",
            json!("2026-02-02T02:40:00.000Z"),
        ),
        ("utcNow('ddd, dd MMM yy')", json!("Mon, 02 Feb 26")),
    ]);
    fault(&[
        ("dateTimeAdd('soon', 'P1D')", "ARM0004"),
        ("dateTimeAdd('2020-01-01', '1 day')", "ARM0004"),
    ]);
}

#[test]
fn address_ranges() {
    known(&[
        (
            "parseCidr('10.144.0.0/20')",
            json!({"network": "10.144.0.0", "netmask": "255.255.240.0", "broadcast": "10.144.15.255", "firstUsable": "10.144.0.1", "lastUsable": "10.144.15.254", "cidr": 20}),
        ),
        (
            "parseCidr('fdad:3236:5555::/48').firstUsable",
            json!("fdad:3236:5555::1"),
        ),
        ("cidrSubnet('10.144.0.0/20', 24, 0)", json!("10.144.0.0/24")),
        ("cidrSubnet('10.144.0.0/20', 24, 3)", json!("10.144.3.0/24")),
        ("cidrHost('10.144.3.0/24', 0)", json!("10.144.3.1")),
        ("cidrHost('10.144.3.0/24', 4)", json!("10.144.3.5")),
    ]);
    fault(&[
        ("cidrSubnet('10.144.0.0/20', 24, 16)", "ARM0004"),
        ("parseCidr('10.0.0.0')", "ARM0004"),
        ("parseCidr('::/129')", "ARM0004"),
    ]);
}

#[test]
fn lambdas() {
    known(&[
        (
            "filter(range(0, 5), lambda('x', greater(lambdaVariables('x'), 2)))",
            json!([3, 4]),
        ),
        (
            "filter(createArray('a', 'b', 'c'), lambda('x', 'i', equals(mod(lambdaVariables('i'), 2), 0)))",
            json!(["a", "c"]),
        ),
        (
            "map(createArray('a', 'b'), lambda('x', 'i', concat(lambdaVariables('x'), lambdaVariables('i'))))",
            json!(["a0", "b1"]),
        ),
        (
            "mapValues(createObject('a', 1, 'b', 2), lambda('v', mul(lambdaVariables('v'), 10)))",
            json!({"a": 10, "b": 20}),
        ),
        (
            "reduce(createArray(1, 2, 3), 0, lambda('r', 'x', add(lambdaVariables('r'), lambdaVariables('x'))))",
            json!(6),
        ),
        (
            "reduce(createArray('a', 'b'), '', lambda('r', 'x', 'i', concat(lambdaVariables('r'), lambdaVariables('x'), lambdaVariables('i'))))",
            json!("a0b1"),
        ),
        (
            "sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))",
            json!([1, 2, 3]),
        ),
        (
            "toObject(createArray('a', 'b'), lambda('x', lambdaVariables('x')))",
            json!({"a": "a", "b": "b"}),
        ),
        (
            "toObject(createArray('a'), lambda('x', concat('k', lambdaVariables('x'))), lambda('x', length(lambdaVariables('x'))))",
            json!({"ka": 1}),
        ),
        (
            "groupBy(createArray('apple', 'avocado', 'beet'), lambda('x', first(lambdaVariables('x'))))",
            json!({"a": ["apple", "avocado"], "b": ["beet"]}),
        ),
        // The inner lambda sees the outer's variables.
        (
            "map(createArray(1, 2), lambda('x', map(createArray(10), lambda('y', add(lambdaVariables('x'), lambdaVariables('y'))))))",
            json!([[11], [12]]),
        ),
        // A contradictory order is an order all the same.
        (
            "length(sort(range(0, 50), lambda('a', 'b', true())))",
            json!(50),
        ),
    ]);
    unknown(&[
        "map(parameters('list'), lambda('x', lambdaVariables('x')))",
        "filter(createArray(1), lambda('x', equals(parameters('open'), 'a')))",
    ]);
    fault(&[
        ("lambdaVariables('x')", "ARM0006"),
        ("map(createArray(1), 'x')", "ARM0004"),
    ]);
}

#[test]
fn ids_and_scopes() {
    let group = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-test";
    let subscription = "/subscriptions/11111111-2222-3333-4444-555555555555";
    known(&[
        ("resourceGroup().id", json!(group)),
        ("resourceGroup().location", json!("westeurope")),
        (
            "resourceGroup().type",
            json!("Microsoft.Resources/resourceGroups"),
        ),
        (
            "subscription().subscriptionId",
            json!("11111111-2222-3333-4444-555555555555"),
        ),
        ("subscription().id", json!(subscription)),
        (
            "subscription().tenantId",
            json!("99999999-8888-7777-6666-555555555555"),
        ),
        (
            "tenant().tenantId",
            json!("99999999-8888-7777-6666-555555555555"),
        ),
        ("managementGroup().name", json!("mg-test")),
        ("deployment().name", json!("main")),
        (
            "deployment().properties.template.contentVersion",
            json!("1.0.0.0"),
        ),
        ("environment().suffixes.storage", json!("core.windows.net")),
        (
            "environment().authentication.loginEndpoint",
            json!("https://login.microsoftonline.com/"),
        ),
        (
            "resourceId('Microsoft.Storage/storageAccounts', 'st')",
            json!(format!(
                "{group}/providers/Microsoft.Storage/storageAccounts/st"
            )),
        ),
        (
            "resourceId('other', 'Microsoft.Storage/storageAccounts', 'st')",
            json!(format!(
                "{subscription}/resourceGroups/other/providers/Microsoft.Storage/storageAccounts/st"
            )),
        ),
        (
            "resourceId('s2', 'other', 'Microsoft.Sql/servers/databases', 'sv', 'db')",
            json!(
                "/subscriptions/s2/resourceGroups/other/providers/Microsoft.Sql/servers/sv/databases/db"
            ),
        ),
        (
            "subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'r')",
            json!(format!(
                "{subscription}/providers/Microsoft.Authorization/roleDefinitions/r"
            )),
        ),
        (
            "tenantResourceId('Microsoft.Authorization/roleDefinitions', 'r')",
            json!("/providers/Microsoft.Authorization/roleDefinitions/r"),
        ),
        (
            "managementGroupResourceId('Microsoft.Authorization/policyDefinitions', 'p')",
            json!(
                "/providers/Microsoft.Management/managementGroups/mg-test/providers/Microsoft.Authorization/policyDefinitions/p"
            ),
        ),
        (
            "extensionResourceId(resourceGroup().id, 'Microsoft.Authorization/locks', 'l')",
            json!(format!("{group}/providers/Microsoft.Authorization/locks/l")),
        ),
    ]);
    // A part of an id is known though another is not.
    known(&[
        (
            "split(resourceId('Microsoft.Sql/servers', parameters('open')), '/')[7]",
            json!("servers"),
        ),
        (
            "split(resourceId(parameters('open'), 'Microsoft.Sql/servers', 'sv'), '/')[8]",
            json!("sv"),
        ),
    ]);
    unknown(&[
        "last(split(resourceId('Microsoft.Sql/servers', parameters('open')), '/'))",
        "reference('/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/x').primaryEndpoints",
        "listKeys('x', '2023-01-01').keys[0].value",
        "listAccountSas('x', '2023-01-01', createObject()).accountSasToken",
        "pickZones('Microsoft.Compute', 'virtualMachines', 'westeurope')",
        "providers('Microsoft.Web', 'sites').apiVersions[0]",
        "newGuid()",
        "deployer().objectId",
        "subscription().displayName",
        "resourceGroup().tags.owner",
    ]);
    fault(&[
        (
            "resourceId('Microsoft.Sql/servers/databases', 'sv')",
            "ARM0004",
        ),
        ("resourceId('sv')", "ARM0004"),
    ]);
}

#[test]
fn names_of_functions_have_no_case_and_blanks_do_not_matter() {
    known(&[
        ("  CONCAT ( 'a' ,\n 'b' )  ", json!("ab")),
        ("UniqueSTRING('test')", json!("rbgf3xv4ufgzg")),
    ]);
}

#[test]
fn an_escaped_bracket_is_text() {
    assert_eq!(value("[[concat('a')]"), Some(json!("[concat('a')]")));
    assert_eq!(value("[not closed"), Some(json!("[not closed")));
    assert_eq!(value("closed only]"), Some(json!("closed only]")));
    assert_eq!(value("[]"), None);
}

#[test]
fn members_that_are_known_stay_known_beside_one_that_is_not() {
    let template = with_properties(
        r#"{"all": "[createObject('a', 1, 'b', parameters('open'), 'c', createArray('x', parameters('open')))]"}"#,
    );
    let read = evaluate(&template, None, &Target::default());
    let resource = &read.resources[0];
    assert_eq!(resource.body["properties"]["all"]["a"], json!(1));
    assert_eq!(resource.body["properties"]["all"]["c"][0], json!("x"));
    let unknowns: Vec<_> = resource
        .unknowns
        .iter()
        .map(|unknown| (unknown.pointer.as_str(), unknown.expression.as_str()))
        .collect();
    assert_eq!(
        unknowns,
        [
            ("/properties/all/b", "[parameters('open')]"),
            ("/properties/all/c/1", "[parameters('open')]")
        ]
    );
}

#[test]
fn a_known_id_points_at_the_resource_it_means_though_the_name_is_unknown() {
    let template = document(
        "test.json",
        r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "parameters": {"name": {"type": "string"}}, "resources": [
        {"type": "Microsoft.Sql/servers", "apiVersion": "1", "name": "[parameters('name')]", "properties": {}},
        {"type": "Microsoft.Sql/servers/databases", "apiVersion": "1", "name": "[concat(parameters('name'), '/db')]",
         "properties": {"server": "[resourceId('Microsoft.Sql/servers', parameters('name'))]"}}]}"#,
    );
    let read = evaluate(&template, None, &Target::default());
    let (server, database) = (&read.resources[0], &read.resources[1]);
    assert_eq!(database.id.parent().as_ref(), Some(&server.id));
    assert_eq!(
        database.body["properties"]["server"].as_str(),
        Some(server.id.as_str())
    );
    assert_eq!(database.name(), "db");
    assert_eq!(
        server.unknown_at("/name").unwrap().expression,
        "[parameters('name')]"
    );
}

#[test]
fn positions_point_at_the_line_a_property_is_written_on() {
    let template = with_properties("{\n\"a\": {\n  \"b\": [\n   \"x\",\n   {\"c/d\": 1}\n ]}}");
    let read = evaluate(&template, None, &Target::default());
    let resource = &read.resources[0];
    let start = resource.location_of("/properties").line;
    assert_eq!(resource.location_of("/properties/a/b").line, start + 2);
    assert_eq!(resource.location_of("/properties/a/b/0").line, start + 3);
    assert_eq!(
        resource.location_of("/properties/a/b/1/c~1d").line,
        start + 4
    );
    assert_eq!(resource.location_of("/properties/a/b/1/c~1d").column, 5);
}
