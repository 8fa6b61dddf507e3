use crate::world::World;

/// An account with one user, whose further fields and keys follow.
const USER: &str = "[[account]]\nid = \"222222222222\"\n[[account.user]]\nname = \"bot\"\n";

#[test]
fn what_is_wrong_with_users_and_their_keys_is_named() {
    for (mistake, says) in [
        ("color = 1", "unknown field `color`"),
        (
            "path = \"ci\"",
            "user bot of account 222222222222: `path` begins and ends with a slash, as `/ci/`, not `ci`",
        ),
        (
            "[[account.user]]\nname = \"\"",
            "`name` has 1 to 64 characters, not 0",
        ),
        (
            "[[account.user]]\nname = \"BOT\"",
            "user BOT of account 222222222222: there are two users with this `name`",
        ),
        (
            "[[account.user.access_key]]\nstatus = \"Expired\"",
            "unknown variant `Expired`, expected `Active` or `Inactive`",
        ),
        (
            "[[account.user.access_key]]\nid = \"short\"",
            "access key short of user bot of account 222222222222: `id` is 16 to 128 letters",
        ),
        (
            "[[account.user.access_key]]\nid = \"AKIAIOSFODNN7EXAMPLE\"\n[[account]]\nid = \"333333333333\"\n[[account.user]]\nname = \"bot\"\n[[account.user.access_key]]\nid = \"AKIAIOSFODNN7EXAMPLE\"",
            "two access keys with this `id`",
        ),
        (
            "[[account.root_access_key]]\n[[account.root_access_key]]\n[[account.root_access_key]]",
            "account 222222222222: a root user has two access keys at most, not 3",
        ),
        (
            "[[account.root_access_key]]\nid = \"AKIAIOSFODNN7EXAMPLE\"",
            "a root access key has no `id`",
        ),
        (
            "[account.credential_report]\nages = \"1h\"",
            "unknown field `ages`",
        ),
        (
            "[[refuse]]\nkey = \"bots\"",
            "no key it could mean has the `id` or alias `bots`, and no user that `name`",
        ),
    ] {
        let error = World::parse(&format!("{USER}{mistake}"))
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{mistake:?} says {error}");
    }
    let refusal = "[[account.user.access_key]]\nid = \"AKIAIOSFODNN7EXAMPLE\"\n[[refuse]]\nkey = \"AKIAIOSFODNN7EXAMPLE\"\n[[refuse]]\nkey = \"bot\"";
    World::parse(&format!("{USER}{refusal}")).unwrap();
}

#[test]
fn users_and_access_keys_have_defaults_and_read_back_as_they_are() {
    let world = World::parse(&format!(
        "{USER}created = \"900d\"\ntags = {{ owner = \"platform\" }}\n[[account.user.access_key]]\n[[account.user.access_key]]\ncreated = \"3d\"\nlast_used = \"1d\"\n[[account.root_access_key]]\nstatus = \"Inactive\"\n[account.credential_report]\nage = \"2h\"\ncontent = \"a,b\\n\""
    ))
    .unwrap();
    let held: Vec<_> = world.access_keys().collect();
    let users: Vec<_> = held
        .iter()
        .map(|held| held.user.map(|user| user.name.as_str()))
        .collect();
    assert_eq!(users, [None, Some("bot"), Some("bot")]);
    assert_eq!(held[0].id, "root_access_key_1");
    assert_eq!((held[1].id.len(), &held[1].id[..4]), (20, "AKIA"));
    assert_ne!(held[1].id, held[2].id);
    let created: Vec<_> = held
        .iter()
        .map(|held| held.key.created().to_string())
        .collect();
    assert_eq!(created, ["400d", "900d", "3d"]);
    assert_eq!(world.accounts[0].credential_report.takes_ms, 1000);
    assert_eq!(World::parse(&world.to_toml()).unwrap(), world);
}
