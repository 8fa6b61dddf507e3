//! An index of a world, as positions in its lists: built once, never changed.

use std::collections::HashMap;

use crate::world::{AccessKey, Account, Key, User, World};

/// Positions of a world's accounts, units and keys.
#[derive(Debug)]
pub(crate) struct Index {
    accounts: HashMap<Box<str>, AccountIndex>,
    units: HashMap<Box<str>, usize>,
    accounts_below: HashMap<Box<str>, Vec<usize>>,
    units_below: HashMap<Box<str>, Vec<usize>>,
}

#[derive(Debug)]
struct AccountIndex {
    position: usize,
    cells: Vec<Cell>,
    /// Sorted by name.
    users: Vec<u32>,
    /// User and position among its keys, sorted by key ID.
    access_keys: Vec<(u32, u32)>,
}

/// The keys of one account and Region, as positions in the account's list.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    region: Box<str>,
    /// Sorted by key ID.
    pub(crate) keys: Vec<u32>,
    /// Key and position among its aliases, sorted by alias name.
    pub(crate) aliases: Vec<(u32, u32)>,
}

/// Positions as `u32`: a world has far fewer than 4 billion keys an account.
fn small(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl Index {
    pub(crate) fn new(world: &World) -> Self {
        let mut index = Self {
            accounts: HashMap::with_capacity(world.accounts.len()),
            units: HashMap::new(),
            accounts_below: HashMap::new(),
            units_below: HashMap::new(),
        };
        for (position, unit) in world.organizational_units.iter().enumerate() {
            index.units.insert(unit.id.as_str().into(), position);
            index
                .units_below
                .entry(unit.parent.as_str().into())
                .or_default()
                .push(position);
        }
        for (position, account) in world.accounts.iter().enumerate() {
            index
                .accounts_below
                .entry(account.parent.as_str().into())
                .or_default()
                .push(position);
            let entry = AccountIndex {
                position,
                cells: cells(account),
                users: users(account),
                access_keys: access_keys(account),
            };
            index.accounts.insert(account.id.as_str().into(), entry);
        }
        index
    }

    /// The account's position in the world.
    pub(crate) fn account(&self, id: &str) -> Option<usize> {
        self.accounts.get(id).map(|account| account.position)
    }

    /// The keys of an account in a Region; `None` when it has none there.
    pub(crate) fn cell(&self, account: &str, region: &str) -> Option<&Cell> {
        self.accounts
            .get(account)?
            .cells
            .iter()
            .find(|cell| *cell.region == *region)
    }

    /// The users of an account, by name.
    pub(crate) fn users<'a>(
        &'a self,
        account: Option<&'a Account>,
    ) -> impl Iterator<Item = &'a User> {
        account.into_iter().flat_map(|account| {
            let positions = self.of(account).map_or(&[][..], |index| &index.users);
            positions.iter().map(|position| user_at(account, *position))
        })
    }

    /// The user of this name in an account.
    pub(crate) fn user<'a>(&self, account: Option<&'a Account>, name: &str) -> Option<&'a User> {
        let account = account?;
        let users = &self.of(account)?.users;
        let found = users
            .binary_search_by(|user| user_at(account, *user).name.as_str().cmp(name))
            .ok()?;
        Some(user_at(account, users[found]))
    }

    /// The access key with this ID in an account, and its user.
    pub(crate) fn access_key<'a>(
        &self,
        account: Option<&'a Account>,
        id: &str,
    ) -> Option<(&'a User, &'a AccessKey)> {
        let account = account?;
        let keys = &self.of(account)?.access_keys;
        let found = keys
            .binary_search_by(|key| access_key_at(account, *key).1.id.as_str().cmp(id))
            .ok()?;
        Some(access_key_at(account, keys[found]))
    }

    fn of(&self, account: &Account) -> Option<&AccountIndex> {
        self.accounts.get(account.id.as_str())
    }

    /// The unit's position in the world.
    pub(crate) fn unit(&self, id: &str) -> Option<usize> {
        self.units.get(id).copied()
    }

    /// Positions of the accounts directly below a root or unit.
    pub(crate) fn accounts_below(&self, parent: &str) -> &[usize] {
        self.accounts_below.get(parent).map_or(&[], Vec::as_slice)
    }

    /// Positions of the units directly below a root or unit.
    pub(crate) fn units_below(&self, parent: &str) -> &[usize] {
        self.units_below.get(parent).map_or(&[], Vec::as_slice)
    }
}

fn cells(account: &Account) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for (position, key) in account.keys.iter().enumerate() {
        let found = cells.iter().position(|cell| *cell.region == *key.region);
        let at = found.unwrap_or_else(|| {
            cells.push(Cell {
                region: key.region.as_str().into(),
                ..Cell::default()
            });
            cells.len() - 1
        });
        let cell = &mut cells[at];
        cell.keys.push(small(position));
        cell.aliases
            .extend((0..key.aliases.len()).map(|alias| (small(position), small(alias))));
    }
    for cell in &mut cells {
        cell.keys
            .sort_unstable_by(|a, b| key_at(account, *a).id.cmp(&key_at(account, *b).id));
        cell.aliases
            .sort_unstable_by(|a, b| alias_at(account, *a).1.cmp(alias_at(account, *b).1));
    }
    cells
}

fn users(account: &Account) -> Vec<u32> {
    let mut users: Vec<u32> = (0..account.users.len()).map(small).collect();
    users.sort_unstable_by(|a, b| user_at(account, *a).name.cmp(&user_at(account, *b).name));
    users
}

fn access_keys(account: &Account) -> Vec<(u32, u32)> {
    let mut keys = Vec::new();
    for (position, user) in account.users.iter().enumerate() {
        keys.extend((0..user.access_keys.len()).map(|key| (small(position), small(key))));
    }
    let id = |key| &access_key_at(account, key).1.id;
    keys.sort_unstable_by(|a, b| id(*a).cmp(id(*b)));
    keys
}

fn user_at(account: &Account, position: u32) -> &User {
    &account.users[position as usize]
}

fn access_key_at(account: &Account, (user, key): (u32, u32)) -> (&User, &AccessKey) {
    let user = user_at(account, user);
    (user, &user.access_keys[key as usize])
}

/// The key at a position of a cell.
pub(crate) fn key_at(account: &Account, position: u32) -> &Key {
    &account.keys[position as usize]
}

/// The key and name of an alias at a position of a cell.
pub(crate) fn alias_at(account: &Account, (key, alias): (u32, u32)) -> (&Key, &str) {
    let key = key_at(account, key);
    (key, &key.aliases[alias as usize])
}

impl Cell {
    /// The key with this ID.
    pub(crate) fn key<'a>(&self, account: &'a Account, id: &str) -> Option<&'a Key> {
        let found = self
            .keys
            .binary_search_by(|key| key_at(account, *key).id.as_str().cmp(id))
            .ok()?;
        Some(key_at(account, self.keys[found]))
    }

    /// The key that has this alias.
    pub(crate) fn key_of_alias<'a>(&self, account: &'a Account, name: &str) -> Option<&'a Key> {
        let found = self
            .aliases
            .binary_search_by(|alias| alias_at(account, *alias).1.cmp(name))
            .ok()?;
        Some(alias_at(account, self.aliases[found]).0)
    }
}
