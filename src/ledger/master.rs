//! The master key: wraps the data keys, never touches a body.

use super::batch::sync_folder;
use super::error::LedgerError;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Bytes of a nonce.
pub(super) const NONCE: usize = 12;
/// Bytes of a tag.
pub(super) const TAG: usize = 16;
/// 32 secret bytes, wiped when dropped.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// The key above all data keys.
#[derive(Clone)]
pub struct MasterKey(Key);

/// A master key that was read from a file, or made there.
#[derive(Debug)]
pub struct KeyFile {
    /// The key.
    pub key: MasterKey,
    /// The file was not there and has been made.
    pub created: bool,
    /// Others than the owner may read or write the file: warn, and ask for mode 0600.
    pub exposed: bool,
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(master key)")
    }
}

impl MasterKey {
    /// Takes 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the key from a file of 32 raw bytes; makes it, with mode 0600, when it is not there.
    ///
    /// # Errors
    /// [`LedgerError::BadKeyFile`] when the file has another length: it is never overwritten.
    /// [`LedgerError::Io`] or [`LedgerError::Full`] when it can't be read or made.
    pub fn load_or_create(path: &Path) -> Result<KeyFile, LedgerError> {
        match fs::read(path) {
            Ok(bytes) => Self::loaded(path, Zeroizing::new(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match create(path) {
                    Ok(key) => Ok(KeyFile { key, created: true, exposed: false }),
                    // Another process was faster: its key is the one.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::load_or_create(path),
                    Err(error) => Err(LedgerError::at(path)(error)),
                }
            }
            Err(error) => Err(LedgerError::at(path)(error)),
        }
    }

    /// 32 bytes for one purpose: HMAC-SHA-256 of its name, so that nothing else shares them.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice());
        mac.map(|mac| mac.chain_update(purpose).finalize().into_bytes().into()).unwrap_or_default()
    }

    fn loaded(path: &Path, bytes: Zeroizing<Vec<u8>>) -> Result<KeyFile, LedgerError> {
        let Ok(key) = <[u8; 32]>::try_from(bytes.as_slice()) else {
            return Err(LedgerError::BadKeyFile { path: path.to_owned(), found: bytes.len() });
        };
        let exposed = exposed(path).map_err(LedgerError::at(path))?;
        Ok(KeyFile { key: Self::new(key), created: false, exposed })
    }

    /// `nonce ‖ ciphertext` of a data key, bound to the row it stands in.
    pub(super) fn wrap(&self, key: &Key, row: &[u8]) -> io::Result<Vec<u8>> {
        let nonce = random::<NONCE>()?;
        let mut wrapped = key.clone();
        let tag = encrypt_in_place(&self.0, &nonce, wrapped.as_mut_slice(), row)?;
        Ok([&nonce[..], wrapped.as_slice(), &tag].concat())
    }

    /// The reverse of [`MasterKey::wrap`]; `None` when key or row are others.
    pub(super) fn unwrap(&self, wrapped: &[u8], row: &[u8]) -> Option<Key> {
        let (nonce, ciphertext) = wrapped.split_first_chunk::<NONCE>()?;
        let plain = Zeroizing::new(decrypt(&self.0, nonce, ciphertext, row)?);
        <[u8; 32]>::try_from(plain.as_slice()).ok().map(Zeroizing::new)
    }
}

/// AES-256-GCM: the text becomes the ciphertext. Gives the tag, which stands behind it in a file.
pub(super) fn encrypt_in_place(
    key: &Key,
    nonce: &[u8; NONCE],
    text: &mut [u8],
    aad: &[u8],
) -> io::Result<[u8; TAG]> {
    let too_long = |_| io::Error::other("more than AES-GCM can seal at once");
    let tag = cipher(key).encrypt_inout_detached(&(*nonce).into(), aad, text.into());
    tag.map(Into::into).map_err(too_long)
}

/// The reverse: of ciphertext and tag; `None` when anything was changed.
pub(super) fn decrypt(key: &Key, nonce: &[u8; NONCE], msg: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    cipher(key).decrypt(&(*nonce).into(), Payload { msg, aad }).ok()
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(&(**key).into())
}

/// Random bytes from the operating system.
pub(super) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

pub(super) fn random_key() -> io::Result<Key> {
    random().map(Zeroizing::new)
}

/// Makes the key's file; `AlreadyExists` when it is there by now, which a rename would replace.
fn create(path: &Path) -> io::Result<MasterKey> {
    let key = MasterKey(random_key()?);
    let temporary = write_beside(path, key.0.as_slice())?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    linked?;
    sync_folder(folder_of(path))?;
    Ok(key)
}

/// Replaces a file by one that only its owner may read; readers see the old or the new, never a part.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::rename(write_beside(path, bytes)?, path)?;
    sync_folder(folder_of(path))
}

/// Writes a durable file under a name of its own in the same folder.
fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.tmp", hex::encode(random::<8>()?)));
    let mut file = private(&mut OpenOptions::new()).write(true).create_new(true).open(&name)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(name.into())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The options for a file that only its owner may read.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn exposed(path: &Path) -> io::Result<bool> {
    let mode = std::os::unix::fs::MetadataExt::mode(&File::open(path)?.metadata()?);
    Ok(mode & 0o077 != 0)
}

#[cfg(not(unix))]
fn exposed(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_read_ever_after() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        let made = MasterKey::load_or_create(&path).unwrap();
        let read = MasterKey::load_or_create(&path).unwrap();
        assert!(made.created && !made.exposed && !read.created && !read.exposed);
        assert_eq!(made.key.0, read.key.0);
    }

    #[test]
    fn a_short_key_file_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        fs::write(&path, [7; 31]).unwrap();
        let error = MasterKey::load_or_create(&path).unwrap_err();
        assert!(matches!(error, LedgerError::BadKeyFile { found: 31, .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), [7; 31]);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_may_read_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        fs::write(&path, [7; 32]).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        assert!(MasterKey::load_or_create(&path).unwrap().exposed);
    }
}
