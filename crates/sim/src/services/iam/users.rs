//! `ListUsers` and `ListUserTags`.

use serde_json::{Value, json};

use super::{date_time, listing, named_user, user_arn};
use crate::{call::Call, state::State, wire::AwsError, world::iam_id};

/// The account's users by name. As AWS's, the listing carries no tags.
pub(super) fn list_users(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let id = &call.caller.account;
    let account = state.account(id);
    let prefix = call.input.text("PathPrefix").unwrap_or("/");
    let users = state
        .index
        .users(account)
        .filter(|user| user.path.starts_with(prefix));
    let entries = users.map(|user| {
        json!({
            "Path": user.path,
            "UserName": user.name,
            "UserId": iam_id("AIDA", 17, &format!("{id}/{}", user.name)),
            "Arn": user_arn(account, id, user),
            "CreateDate": date_time(user.created.resolve(state.clock.epoch())),
        })
    });
    listing(call, "Users", entries.collect())
}

pub(super) fn list_user_tags(state: &State, call: &Call<'_>) -> Result<Value, AwsError> {
    let user = named_user(state, call, call.input.required("UserName")?)?;
    let entries = user
        .tags
        .iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}));
    listing(call, "Tags", entries.collect())
}
