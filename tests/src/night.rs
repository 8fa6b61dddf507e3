//! Successive nights, over which an organization changes.

use jiff::Timestamp;
use keycensus_sim::World;

use crate::{NOW, Scenario, exchanges};

/// A night, of which every run begins at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Night {
    /// That of [`NOW`].
    First,
    /// The next.
    Second,
    /// The one after that.
    Third,
    /// 30 days after the first.
    OfAnotherMonth,
}

impl Night {
    /// The moment at which its runs begin.
    pub(crate) fn begins(self) -> Timestamp {
        self.clock()()
    }

    /// A clock that shows this moment.
    pub(crate) fn clock(self) -> fn() -> Timestamp {
        match self {
            Self::First => || moment(NOW),
            Self::Second => || moment("2026-11-22T02:00:00Z"),
            Self::Third => || moment("2026-11-23T02:00:00Z"),
            Self::OfAnotherMonth => || moment("2026-12-21T02:00:00Z"),
        }
    }

    fn next(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::Third,
            Self::Third | Self::OfAnotherMonth => panic!("there is no fourth night"),
        }
    }
}

impl Scenario {
    /// The same function on the next night, invoked by another request, when the
    /// organization is that of `tonight`. It finds every object that is in the bucket now. Ages in the
    /// world of `tonight` count back from tonight.
    ///
    /// # Panics
    /// This is the third night.
    #[must_use]
    pub fn a_night_later(&self, tonight: &Self) -> Self {
        self.on(self.night.next(), tonight)
    }

    /// The same function on the same night, when the organization has become that of
    /// `meanwhile`.
    #[must_use]
    pub fn the_same_night(&self, meanwhile: &Self) -> Self {
        self.on(self.night, meanwhile)
    }

    /// The same function in the same world, where its runs began on another night, and
    /// others have run since.
    #[must_use]
    pub fn beginning_on(mut self, night: Night) -> Self {
        self.night = night;
        self
    }

    /// The same 30 days after the first night.
    #[must_use]
    pub fn a_month_later(&self, tonight: &Self) -> Self {
        self.on(Night::OfAnotherMonth, tonight)
    }

    fn on(&self, night: Night, tonight: &Self) -> Self {
        let aws = exchanges::simulator(World {
            now: Some(night.begins()),
            ..tonight.aws.world().clone()
        });
        aws.take_objects_of(&self.aws);
        Self {
            aws,
            night,
            request_id: format!("{}-of-the-next-night", self.request_id),
            ..self.clone()
        }
    }
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}
