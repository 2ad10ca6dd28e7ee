//! The SCIM server, as identity providers use it.

mod doors;
mod fixture;
mod groups;
mod held;
mod intake;
mod lists;
mod malformed;
mod people;
mod real_clients;
mod together;

pub(crate) use fixture::Idp;
