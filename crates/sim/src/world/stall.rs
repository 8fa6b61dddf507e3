//! Stalls: times at which an endpoint receives nothing.

use serde::{Deserialize, Serialize};

/// A pause of an endpoint, as of a frozen network path or of a paused server. What is sent to it meanwhile is received
/// when the pause ends: all at once. Answers that are on their way are not held back.
///
/// TCP delivers in order: behind a lost segment everything waits until it is sent again, which takes a second at first
/// and twice as long each time (<https://www.rfc-editor.org/rfc/rfc6298#section-5>). A process that is paused (for garbage
/// collection, or while its virtual machine moves) finds what came meanwhile in its sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stall {
    /// The service, as IAM's actions begin with it (`kms`); absent means every service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The account whose credentials sign the requests; absent means every account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The Region of the requests' signatures; absent means every Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// When it begins, in milliseconds since the simulator started.
    pub from_ms: u64,
    /// How long it lasts, in milliseconds.
    pub for_ms: u64,
    /// After how many milliseconds it begins again, each time; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_ms: Option<u64>,
}

impl Stall {
    /// When the pause ends that lasts at `at_ms`; `None` when there is none. Both are milliseconds since the simulator
    /// started.
    pub fn end_ms(&self, at_ms: u64) -> Option<u64> {
        let since_ms = at_ms.checked_sub(self.from_ms)?;
        let into_ms = self.every_ms.map_or(since_ms, |every| since_ms % every);
        (into_ms < self.for_ms).then(|| at_ms - into_ms + self.for_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::Stall;

    #[test]
    fn a_stall_lasts_from_its_beginning_to_its_end_and_comes_again() {
        let once = Stall {
            from_ms: 500,
            for_ms: 300,
            ..Stall::default()
        };
        let again = Stall {
            every_ms: Some(1_000),
            ..once.clone()
        };
        for (at_ms, of_one, of_many) in [
            (0, None, None),
            (499, None, None),
            (500, Some(800), Some(800)),
            (799, Some(800), Some(800)),
            (800, None, None),
            (1_499, None, None),
            (1_600, None, Some(1_800)),
            (7_500, None, Some(7_800)),
        ] {
            assert_eq!(
                (once.end_ms(at_ms), again.end_ms(at_ms)),
                (of_one, of_many),
                "{at_ms}"
            );
        }
    }
}
