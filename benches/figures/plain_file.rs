//! The yardstick of the store: records appended to one file by one thread, with one `fdatasync` for
//! all that waits, in space set aside before. Nothing that keeps records on this disk is faster.

use rustix::fs::{FallocateFlags, fallocate};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// As many records share one sync as in the store.
const BATCH: usize = 1024;
/// As much room is set aside at a time as for a segment of the ledger.
const ROOM: u64 = 64 << 20;

type Job = (Vec<u8>, oneshot::Sender<()>);

pub struct PlainFile {
    queue: mpsc::SyncSender<Job>,
    committer: JoinHandle<()>,
}

impl PlainFile {
    pub fn create(path: &Path) -> Self {
        let mut disk = Disk { file: File::create(path).expect("a new file"), len: 0, room: 0 };
        disk.set_aside(0);
        let (queue, jobs) = mpsc::sync_channel(16 * BATCH);
        let committer = std::thread::spawn(move || disk.commit_all(&jobs));
        Self { queue, committer }
    }

    /// Returns when `record` is durable.
    pub async fn append(&self, record: Vec<u8>) {
        let (done, answer) = oneshot::channel();
        self.queue.try_send((record, done)).expect("room in the queue");
        answer.await.expect("an answer");
    }

    pub fn close(self) {
        drop(self.queue);
        self.committer.join().expect("the committer ends");
    }
}

struct Disk {
    file: File,
    len: u64,
    room: u64,
}

impl Disk {
    fn commit_all(mut self, jobs: &mpsc::Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut batch = vec![first];
            batch.extend(jobs.try_iter().take(BATCH - 1));
            self.append(&batch.iter().map(|(record, _)| record.as_slice()).collect::<Vec<_>>().concat());
            for (_, done) in batch {
                let _ = done.send(());
            }
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        self.set_aside(bytes.len() as u64);
        self.file.write_all(bytes).expect("room on the disk");
        self.file.sync_data().expect("a disk that syncs");
        self.len += bytes.len() as u64;
    }

    fn set_aside(&mut self, more: u64) {
        if self.room < self.len + more + 1 {
            fallocate(&self.file, FallocateFlags::empty(), self.room, ROOM).expect("room on the disk");
            self.file.sync_all().expect("a disk that syncs");
            self.room += ROOM;
        }
    }
}
