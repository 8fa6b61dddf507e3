//! A simulated AWS organization that speaks the real wire protocols to the real AWS SDKs.
//!
//! # The model of the world
//!
//! A [`World`] is an organization: a root, organizational units, accounts, and in every account its enabled Regions,
//! one role that a scanner may assume, KMS keys with their recorded last uses, and IAM users with their access keys.
//! Beside it stand S3 buckets, SNS topics and event buses, and lists of what goes wrong: refusals, calls that fail although they would
//! be right; faults, calls that go wrong on the way, at the service's door or in its answer; stalls, times at which
//! an endpoint receives nothing; and neighbours, who use up part of the same quotas. The organization never changes while
//! it is simulated; what changes are sessions, quotas, credential reports, objects in buckets and messages sent to topics,
//! and events put on buses; and keys, in a simulator that was started to allow it ([`Simulator::allowing_changes`]).
//!
//! Time is one clock. It starts where the world says (or at the machine's time) and runs with tokio's, so that a test
//! with paused time can let sessions expire and quotas refill without waiting. A request arrives, and is judged, after
//! half of the time that its answer takes, or when a stall ends that began before. What is left to chance depends on the
//! world's seed alone.
//!
//! Who calls is decided by the access key of the request's signature, what is called by its credential scope and the
//! service's own protocol. Signatures are not verified. A caller may do everything in its own account and Region that no
//! refusal forbids, and in another account nothing but assume its role; after [`Simulator::enforce`], no more than the
//! policies allow that were given.
//!
//! A call passes these gates in this order, and the first that is shut answers: signature, credentials, faults, enabled
//! Region (KMS, STS), quota, policies, refusals, and the operation's own checks. A fault that spoils the answer lets the call pass, and
//! spoils whatever the later gates answer.
//!
//! # The doors
//!
//! [`Simulator::respond`] answers one request. [`Simulator::http_client`] puts it behind the AWS SDK for Rust's own
//! interface for HTTP clients, in the same process; [`Simulator::serve`] puts it behind a socket for everything else.
//!
//! An operation that the simulator does not know answers 501 and is remembered; when the last handle of the simulator is
//! dropped, it panics with their names, so that no test passes by accident.
//!
//! ```
//! use keycensus_sim::{Simulator, World};
//!
//! let world = World::parse(
//!     r#"
//!     now = "2026-11-21T02:00:00Z"
//!     [[account]]
//!     id = "111111111111"
//!     [[account.key]]
//!     region = "us-east-1"
//!     last_used = "100d"
//!     "#,
//! )?;
//! let simulator = Simulator::new(world);
//! assert_eq!(simulator.calls().total().sent, 0);
//! # Ok::<(), keycensus_sim::WorldError>(())
//! ```

mod aws;
mod call;
pub mod cloudformation;
mod gates;
mod generate;
mod lock;
mod log;
mod network;
pub mod policy;
mod services;
mod simulation;
mod simulator;
mod state;
mod wire;
pub mod world;

pub use self::{
    gates::permissions::{Policies, Use},
    generate::Generator,
    log::{
        calls::{Calls, Count, LoggedCall},
        exchanges::ExchangeLog,
    },
    network::client::SimClient,
    simulator::Simulator,
    state::{event::Event, message::Message, sessions::Holder},
    wire::answer::{Answer, ConnectionReset},
    world::{World, WorldError},
};
