//! What the tests stand on.

pub(crate) mod app;
pub(crate) mod db;
pub(crate) mod echosign;
pub(crate) mod scim2_server;
