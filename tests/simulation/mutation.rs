//! Wrong protocols, which the oracle has to notice.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    None,
    /// The mark before a send is never stored.
    MarkSkipped,
    /// The outcome is stored in place of the mark.
    OutcomeFirst,
    /// A write over an old revision is taken.
    ConflictsIgnored,
    /// A run reads consent once.
    ConsentReadOnce,
    /// Claims to cells are answered as if they were kept, and are not.
    ClaimsDropped,
    /// What the home lives under is not kept.
    SettingsForgotten,
}
