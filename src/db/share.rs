//! Work that shares a transaction: whatever arrives while one is under way is in the next.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};

/// Begins to have batches of at most `most` worked, at most `at_once` of them at a time, on the runtime of
/// whoever calls it, until the last sender is gone.
pub fn share<T, W>(
    most: usize,
    at_once: usize,
    work: impl Fn(Vec<T>) -> W + Send + 'static,
) -> mpsc::Sender<T>
where
    T: Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let (sender, mut arriving) = mpsc::channel(most);
    tokio::spawn(async move {
        let permits = Arc::new(Semaphore::new(at_once));
        while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
            let mut batch = Vec::new();
            if arriving.recv_many(&mut batch, most).await == 0 {
                return;
            }
            let worked = work(batch);
            tokio::spawn(async move {
                worked.await;
                drop(permit);
            });
        }
    });
    sender
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whatever_arrives_while_a_batch_is_worked_shares_the_next() {
        let (gate, (told, mut batches)) = (Arc::new(Semaphore::new(0)), mpsc::unbounded_channel());
        let sender = share(3, 1, {
            let gate = Arc::clone(&gate);
            move |batch: Vec<i32>| {
                let (gate, told) = (Arc::clone(&gate), told.clone());
                async move {
                    told.send(batch).unwrap();
                    gate.acquire().await.unwrap().forget();
                }
            }
        });
        sender.send(1).await.unwrap();
        let first = batches.recv().await;
        for number in 2..5 {
            sender.send(number).await.unwrap();
        }

        gate.add_permits(2);
        let second = batches.recv().await;

        assert_eq!((first, second), (Some(vec![1]), Some(vec![2, 3, 4])));
    }
}
