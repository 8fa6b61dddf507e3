use serde_json::{Value, json};

use crate::request::{Client, scanner};

const WORLD: &str = r#"
    [organization]
    id = "o-exampleorg1"
    root = "r-exam"
    delegated_administrators = ["222222222222"]
    page_size = 2
    [[organizational_unit]]
    id = "ou-exam-prod0001"
    name = "Prod"
    [[organizational_unit]]
    id = "ou-exam-pay00001"
    name = "Payments"
    parent = "ou-exam-prod0001"
    [[account]]
    id = "111111111111"
    [[account]]
    id = "222222222222"
    name = "payments-prod"
    parent = "ou-exam-pay00001"
    [[account]]
    id = "333333333333"
    state = "CLOSED"
    parent = "ou-exam-pay00001"
"#;

/// Follows the tokens of a listing and answers its items, and how many pages there were.
async fn all(client: &Client, operation: &str, input: Value, name: &str) -> (Vec<Value>, usize) {
    let (mut items, mut pages, mut input) = (Vec::new(), 0, input);
    loop {
        let answer = client.organizations(operation, input.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let body = answer.json();
        items.extend(body[name].as_array().unwrap().clone());
        pages += 1;
        match body.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => return (items, pages),
        }
    }
}

#[tokio::test]
async fn accounts_come_in_pages_with_state_and_path() {
    let (accounts, pages) = all(&scanner(WORLD), "ListAccounts", json!({}), "Accounts").await;
    assert_eq!((accounts.len(), pages), (3, 2));
    let payments = &accounts[1];
    assert_eq!(payments["Name"], "payments-prod");
    assert_eq!(
        payments["Arn"],
        "arn:aws:organizations::111111111111:account/o-exampleorg1/222222222222"
    );
    assert_eq!(
        payments["Paths"],
        json!(["o-exampleorg1/r-exam/ou-exam-prod0001/ou-exam-pay00001/222222222222/"])
    );
    assert_eq!(
        (&accounts[2]["State"], &accounts[2]["Status"]),
        (&json!("CLOSED"), &json!("SUSPENDED"))
    );
}

#[tokio::test]
async fn older_answers_have_no_state_and_no_paths() {
    let old = WORLD.replace("page_size = 2", "account_state = \"status\"\npaths = false");
    let (accounts, _) = all(&scanner(&old), "ListAccounts", json!({}), "Accounts").await;
    assert!(
        accounts
            .iter()
            .all(|account| account.get("State").is_none() && account.get("Paths").is_none())
    );
    assert_eq!(accounts[0]["Status"], "ACTIVE");
    let new = WORLD.replace("page_size = 2", "account_state = \"state\"");
    let (accounts, _) = all(&scanner(&new), "ListAccounts", json!({}), "Accounts").await;
    assert!(
        accounts
            .iter()
            .all(|account| account.get("Status").is_none())
    );
}

#[tokio::test]
async fn the_tree_is_walked_from_the_root_down_and_from_an_account_up() {
    let client = scanner(WORLD);
    let roots = client.organizations("ListRoots", json!({})).await.json();
    assert_eq!(roots["Roots"][0]["Id"], "r-exam");
    let (units, _) = all(
        &client,
        "ListOrganizationalUnitsForParent",
        json!({"ParentId": "r-exam"}),
        "OrganizationalUnits",
    )
    .await;
    assert_eq!(units[0]["Name"], "Prod");
    let parent = json!({"ParentId": "ou-exam-pay00001", "MaxResults": 1});
    let (accounts, pages) = all(&client, "ListAccountsForParent", parent, "Accounts").await;
    assert_eq!((accounts.len(), pages), (2, 2));
    for (child, parent, kind) in [
        ("222222222222", "ou-exam-pay00001", "ORGANIZATIONAL_UNIT"),
        ("ou-exam-prod0001", "r-exam", "ROOT"),
    ] {
        let parents = client
            .organizations("ListParents", json!({"ChildId": child}))
            .await
            .json();
        assert_eq!(parents["Parents"], json!([{"Id": parent, "Type": kind}]));
    }
    let unit = json!({"OrganizationalUnitId": "ou-exam-pay00001"});
    let unit = client
        .organizations("DescribeOrganizationalUnit", unit)
        .await
        .json();
    assert_eq!(unit["OrganizationalUnit"]["Name"], "Payments");
}

#[tokio::test]
async fn a_listing_below_a_parent_can_begin_with_an_empty_page() {
    let world = WORLD.replace("page_size = 2", "empty_first_page = true");
    let parent = json!({"ParentId": "ou-exam-pay00001"});
    let (accounts, pages) = all(
        &scanner(&world),
        "ListAccountsForParent",
        parent,
        "Accounts",
    )
    .await;
    assert_eq!((accounts.len(), pages), (2, 2));
}

#[tokio::test]
async fn only_the_management_account_and_delegated_administrators_may_list() {
    let client = scanner(WORLD);
    let delegated = client.enter("222222222222").await;
    assert_eq!(
        delegated
            .organizations("ListAccounts", json!({}))
            .await
            .status,
        200
    );
    let world = WORLD.replace("[\"222222222222\"]", "[]");
    let member = scanner(&world).enter("222222222222").await;
    let denied = member.organizations("ListAccounts", json!({})).await;
    assert_eq!(denied.failure(), (400, "AccessDeniedException".to_owned()));
    let described = member
        .organizations("DescribeOrganization", json!({}))
        .await
        .json();
    assert_eq!(described["Organization"]["MasterAccountId"], "111111111111");
}

#[tokio::test]
async fn an_account_outside_the_organization_has_none() {
    let world = format!("{WORLD}\n[scanner]\naccount = \"999999999999\"");
    let answer = scanner(&world)
        .organizations("ListAccounts", json!({}))
        .await;
    assert_eq!(
        answer.failure(),
        (400, "AWSOrganizationsNotInUseException".to_owned())
    );
}

#[tokio::test]
async fn what_is_not_there_has_its_own_code() {
    let client = scanner(WORLD);
    for (operation, input, code) in [
        (
            "ListAccountsForParent",
            json!({"ParentId": "r-none"}),
            "ParentNotFoundException",
        ),
        (
            "ListParents",
            json!({"ChildId": "999999999999"}),
            "ChildNotFoundException",
        ),
        (
            "DescribeOrganizationalUnit",
            json!({"OrganizationalUnitId": "ou-none-00000000"}),
            "OrganizationalUnitNotFoundException",
        ),
        (
            "ListAccounts",
            json!({"NextToken": "x"}),
            "InvalidInputException",
        ),
    ] {
        assert_eq!(
            client.organizations(operation, input).await.failure(),
            (400, code.to_owned()),
            "{operation}"
        );
    }
}
