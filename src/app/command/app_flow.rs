//! `countersign app pause`, `resume` and `drain`.

use super::{AppError, House, print, refused};
use crate::{
    access::{Actor, Retrier},
    apps::App,
    queue::flow::{self, FlowError},
};

/// Stops sending.
pub(super) async fn pause(house: &House, app: &App, reason: &str) -> Result<(), AppError> {
    flow::pause(&house.pool, house.clock.now(), &by()?, app, reason).await.map_err(told)?;
    print(format_args!("{} is paused. What is approved waits.", app.name))
}

/// Lets it go on, if the app answers.
pub(super) async fn resume(house: &House, app: &App) -> Result<(), AppError> {
    let now = house.clock.now();
    flow::resume(&house.pool, &house.connectors, now, &by()?, app).await.map_err(told)?;
    print(format_args!("{} answers. What is approved is sent.", app.name))
}

/// Stops sending once what is approved is sent.
pub(super) async fn drain(house: &House, app: &App) -> Result<(), AppError> {
    flow::drain(&house.pool, house.clock.now(), &by()?, app).await.map_err(told)?;
    print(format_args!("{} is paused once what is approved is sent.", app.name))
}

fn by() -> Result<Retrier, AppError> {
    Actor::command_line().retrier().map_err(refused)
}

fn told(error: FlowError) -> AppError {
    match error {
        FlowError::Store(error) => AppError::Store(error),
        FlowError::Reason(says) => refused(format_args!("--reason: {says}")),
        already_or_unanswered => refused(already_or_unanswered),
    }
}
