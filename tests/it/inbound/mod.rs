//! The SCIM server, as identity providers use it.

mod doors;
mod fixture;
mod malformed;
mod people;
mod real_clients;
mod together;
