//! A simulated AWS organization that speaks the real wire protocols to the real AWS SDKs.
//!
//! # The world
//!
//! A [`World`] is an organization: a root, organizational units and accounts. Every account has its enabled Regions, one
//! role that a scanner may assume, KMS keys with their recorded last uses, and IAM users with their access keys. A world
//! also has S3 buckets, SNS topics and event buses, and rules about what fails: refusals (calls that are answered with an
//! error), faults (calls that fail in the network or the service, or whose answers are wrong), stalls (times at which an
//! endpoint receives nothing) and neighbours (other clients that use part of the same quotas).
//!
//! The organization does not change while it is simulated, except for its keys in a simulator that allows it
//! ([`Simulator::allowing_changes`]). Sessions, quotas, credential reports, objects, messages and events do change.
//!
//! There is one clock. It starts at the world's `now` (or the machine's time) and runs with tokio's, so that a test with
//! paused time can let sessions expire and quotas refill without waiting. A request arrives after half of the time that
//! its answer takes, or at the end of a stall. What is random depends on the world's seed alone.
//!
//! # A call
//!
//! The access key of the signature identifies the caller; the credential scope and the service's protocol identify the
//! operation. Signatures are not verified. A caller may do everything in its own account and Region that no refusal
//! forbids, and in another account only assume its role; after [`Simulator::enforce`], no more than the given policies
//! allow.
//!
//! A call passes these gates in this order, and the first that refuses it answers: signature, credentials, faults,
//! enabled Region, quota, policies, refusals, and the operation's own checks. A fault that spoils the answer lets the call
//! pass, and spoils the answer of the later gates and the service.
//!
//! [`Simulator::respond`] answers one request. [`Simulator::http_client`] is an HTTP client for the AWS SDK for Rust in the
//! same process; [`Simulator::serve`] answers on a socket.
//!
//! An operation that the simulator does not know answers 501 and is recorded; when the last handle of the simulator is
//! dropped, it panics with the names of these operations, so that no test passes by accident.
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
    state::{event::Event, findings::Finding, message::Message, sessions::Holder},
    wire::answer::{Answer, ConnectionReset},
    world::{World, WorldError},
};
