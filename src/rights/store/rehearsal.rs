//! Rehearsal: a command is carried out on what seems to be the home, and tells
//! what it would do because it does it.
//!
//! A home file is one already. Of a Cozy, what is kept of the person is first
//! copied to a scratch file.

use super::cozy::{CozyStore, Pages};
use super::file::{FileStore, Output, Rehearsal, rehearsed};
use crate::ecolyo::Doctypes;
use crate::rights::collection::Collection;
use crate::rights::{Stop, Workspace};

/// A copy of a Cozy's documents as a home file.
pub(super) async fn copy_of(
    workspace: &Workspace,
    doctypes: &Doctypes,
    cozy: &CozyStore,
    name: &'static str,
) -> Result<FileStore, Stop> {
    let mut rehearsal = Rehearsal { is_of_cozy: true, ..Rehearsal::default() };
    let file = rehearsed(name, rehearsal.count);
    let mut output = Output::new(&workspace.port, file.clone());
    let mut is_first = true;
    for collection in Collection::ALL {
        let Some(doctype) = collection.doctype(doctypes) else { continue };
        output.key(doctype, &mut is_first)?;
        output.add(b"[").await?;
        let mut pages = Pages::new(doctype);
        let mut separator: &[u8] = b"\n";
        loop {
            match cozy.next(&mut pages).await {
                Ok(Some(stored)) => {
                    output.add(separator).await?;
                    output.add(stored.document.get().as_bytes()).await?;
                    separator = b",\n";
                }
                Ok(None) => break,
                // Whether it is needed is the command's to say.
                Err(why) => {
                    rehearsal.withheld.insert(doctype.to_owned(), why);
                    break;
                }
            }
        }
        output.add(b"]").await?;
    }
    output.add(b"\n}\n").await?;
    output.flush().await?;
    FileStore::read(&workspace.port, name, file, Some(rehearsal), false).await
}
