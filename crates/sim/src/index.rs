//! Where everything of a world is found, as positions into it: built once, never changed.

use std::collections::HashMap;

use crate::world::{Account, Key, World};

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
            let cells = cells(account);
            index
                .accounts
                .insert(account.id.as_str().into(), AccountIndex { position, cells });
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
