//! What AWS publishes: its services and operations, Regions and request rates.

pub(crate) mod operation;
pub(crate) mod regions;
pub(crate) mod request_rates;
